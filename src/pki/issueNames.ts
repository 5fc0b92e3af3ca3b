/** Alternative names as people write them on a command line. */
import { TrefoilError } from '../errors.js'
import type { GeneralName } from './generalName.js'
import { parseIp } from './ip.js'

/** A host name of RFC 1123 labels, whose left-most label may be a star. */
const DNS_NAME = /^(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/i
const VISIBLE = /^[!-~]+$/

/**
 * Reads `localhost`, `*.example.com`, `127.0.0.1`, `::1`, `URI:spiffe://…`, `email:…`; `DNS:` and `IP:` may stand
 * before the first kinds.
 * @throws TrefoilError ERR_INVALID_OPTION for anything else
 */
export function parseSubjectAltName(text: string): GeneralName {
  const address = parseIp(text)
  if (address !== null) return { kind: 'ip', address }
  const [, prefix, value = text] = /^(DNS|IP|URI|email):(.*)$/is.exec(text) ?? []
  switch (prefix?.toLowerCase()) {
    case 'uri':
      if (URL.canParse(value) && VISIBLE.test(value)) return { kind: 'uri', value }
      break
    case 'email':
      if (/^[^@]+@[^@]+$/.test(value) && VISIBLE.test(value)) return { kind: 'email', value }
      break
    case 'ip': {
      const octets = parseIp(value)
      if (octets !== null) return { kind: 'ip', address: octets }
      break
    }
    default:
      if (value.length <= 253 && DNS_NAME.test(value)) return { kind: 'dns', value }
  }
  throw new TrefoilError(
    'ERR_INVALID_OPTION',
    `${JSON.stringify(text)} is no DNS name, IP address, URI: or email: name`,
  )
}
