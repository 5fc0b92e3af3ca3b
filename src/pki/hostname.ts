/**
 * Does a certificate name the server that the caller asked for (RFC 9525)? Only subjectAltName counts: the common
 * name never does (RFC 9525 6.4.4 and 2).
 */
import { equalBytes } from '../bytes.js'
import { TrefoilError } from '../errors.js'
import type { Certificate } from './certificate.js'
import { formatGeneralName } from './generalName.js'
import { parseIp } from './ip.js'
import { brief } from './name.js'

/** RFC 1034 3.5 labels; the underscore is tolerated because real hosts have it. */
const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/
const MAX_NAME_LENGTH = 253
const MAX_NAMES_SHOWN = 8

/**
 * Accepts a certificate whose subjectAltName has `serverName`: a DNS name against dNSName entries, an IP address
 * (IPv6 with or without brackets) against iPAddress entries.
 * @throws TrefoilError ERR_CERTIFICATE_NAME_MISMATCH when it has not, ERR_INVALID_OPTION when `serverName` is neither
 *   a DNS name nor an IP address
 */
export function checkServerName(certificate: Certificate, serverName: string): void {
  const names = certificate.extensions.subjectAltNames
  const address = parseIp(serverName.replace(/^\[(.*)\]$/, '$1'))
  const found =
    address === null
      ? matchesAnyDnsName(
          names.flatMap((name) => (name.kind === 'dns' ? [name.value] : [])),
          referenceName(serverName),
        )
      : names.some((name) => name.kind === 'ip' && equalBytes(name.address, address))
  if (found) return
  const shown = brief(names.slice(0, MAX_NAMES_SHOWN).map(formatGeneralName).join(', '))
  const more = names.length > MAX_NAMES_SHOWN ? `, and ${names.length - MAX_NAMES_SHOWN} more` : ''
  throw new TrefoilError(
    'ERR_CERTIFICATE_NAME_MISMATCH',
    names.length === 0
      ? `the peer's certificate has no subjectAltName, so it cannot be for ${serverName}`
      : `the peer's certificate is not for ${serverName} but for ${shown}${more}`,
  )
}

/**
 * Whether a dNSName of a certificate stands for a host. A wildcard is a whole left-most label, stands for exactly one
 * label (RFC 9525 6.3), and must leave two labels: `*.com` is nobody's.
 * @param host in lower case, without a trailing dot
 */
export function matchesDnsName(pattern: string, host: string): boolean {
  const labels = pattern.toLowerCase().split('.')
  const hostLabels = host.split('.')
  const wildcard = labels[0] === '*'
  const fixed = wildcard ? labels.slice(1) : labels
  // Malformed entries match nothing, and a star anywhere else is no wildcard.
  if (!fixed.every((label) => LABEL.test(label)) || (wildcard && fixed.length < 2)) return false
  return (
    labels.length === hostLabels.length &&
    hostLabels.every((label) => LABEL.test(label)) &&
    labels.every((label, index) => label === hostLabels[index] || (wildcard && index === 0))
  )
}

function matchesAnyDnsName(patterns: readonly string[], host: string): boolean {
  return patterns.some((pattern) => matchesDnsName(pattern, host))
}

/** The caller's name in the form that certificates have: A-labels, lower case, no trailing dot. */
function referenceName(serverName: string): string {
  const name = toALabels(serverName).toLowerCase().replace(/\.$/, '')
  if (name.length > MAX_NAME_LENGTH || !name.split('.').every((label) => LABEL.test(label))) {
    throw new TrefoilError('ERR_INVALID_OPTION', 'the server name is neither a DNS name nor an IP address')
  }
  return name
}

/** Internationalised names are compared as A-labels (RFC 9525 6.2.1); the URL parser knows how to make them. */
function toALabels(name: string): string {
  const isAscii = /^[ -~]*$/.test(name)
  return isAscii || /[/?#@:\\%\s]/.test(name) || !URL.canParse(`http://${name}`)
    ? name
    : new URL(`http://${name}`).hostname
}
