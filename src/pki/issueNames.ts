/** Alternative names, and constraints on them, as people write them on a command line. */
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

/**
 * Reads a subtree for nameConstraints (RFC 5280 4.2.1.10): `example.com` (that domain and all below), `.example.com`
 * (all below), `10.0.0.0/8`, `2001:db8::/32`, `email:host`, `email:.domain`, `email:mailbox@host`, `URI:host`,
 * `URI:.domain`; `DNS:` and `IP:` may stand before the first kinds.
 * @throws TrefoilError ERR_INVALID_OPTION for anything else
 */
export function parseNameConstraint(text: string): GeneralName {
  const [, prefix, value = text] = /^(DNS|IP|URI|email):(.*)$/is.exec(text) ?? []
  const kind = prefix?.toLowerCase()
  const network = kind === undefined || kind === 'ip' ? parseNetwork(value) : null
  if (network !== null) return { kind: 'ip', address: network }
  const domain = value.replace(/^\./, '')
  const isDomain = value.length <= 253 && DNS_NAME.test(domain) && !domain.startsWith('*')
  if (kind === 'email' && (isDomain || (/^[^@]+@[^@]+$/.test(value) && VISIBLE.test(value)))) return { kind, value }
  if (kind === 'uri' && isDomain) return { kind, value }
  if ((kind === undefined || kind === 'dns') && isDomain) return { kind: 'dns', value }
  throw new TrefoilError(
    'ERR_INVALID_OPTION',
    `${JSON.stringify(text)} is no domain, network, URI: or email: constraint`,
  )
}

/** Address and mask, one behind the other. A bare address is a network of one. */
function parseNetwork(text: string): Uint8Array | null {
  const [, host = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const address = parseIp(host)
  if (address === null) return null
  const length = bits === undefined ? 8 * address.length : Number(bits)
  if (length > 8 * address.length) return null
  const mask = address.map((_, i) => (0xff00 >> Math.min(8, Math.max(0, length - 8 * i))) & 0xff)
  return Uint8Array.of(...address.map((octet, i) => octet & (mask[i] as number)), ...mask)
}
