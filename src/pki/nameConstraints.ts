/**
 * nameConstraints (RFC 5280 4.2.1.10) for DNS names, IP addresses, e-mail addresses, URIs and directory names. Where a
 * form is constrained that cannot be weighed here, a certificate with a name of that form is refused.
 */
import { TrefoilError } from '../errors.js'
import type { Certificate } from './certificate.js'
import type { NameConstraints } from './extensions.js'
import { formatGeneralName, type GeneralName } from './generalName.js'
import { parseIp } from './ip.js'
import { brief, isWithinName } from './name.js'

/** Names times constraints: an authority gone mad must not cost us seconds. Go's crypto/x509 draws the same line. */
const MAX_COMPARISONS = 250_000

/**
 * Checks the names of one certificate against the constraints of an authority above it.
 * @throws TrefoilError ERR_UNSUPPORTED_CERTIFICATE when a name lies outside, when it is of a form that is constrained in
 *   a way not understood here, or when there is too much to compare
 */
export function checkNameConstraints(constraints: NameConstraints, certificate: Certificate): void {
  const names = constrainedNames(certificate)
  const { permitted, excluded } = constraints
  if (names.length * (permitted.length + excluded.length) > MAX_COMPARISONS) {
    throw refusal('an authority in the chain sets more constraints on more names than are weighed here')
  }
  for (const name of names) {
    const shown = (): string => brief(formatGeneralName(name))
    const sameForm = (base: GeneralName): boolean =>
      base.kind === name.kind && (base.kind !== 'other' || name.kind !== 'other' || base.tag === name.tag)
    const relevant = permitted.filter(sameForm)
    // RFC 5280 4.2.1.10: process the constraint or reject the certificate.
    if (!isWeighable(name) && (relevant.length > 0 || excluded.some(sameForm))) {
      throw refusal(`the name ${shown()} is of a form that is constrained, and cannot be weighed here`)
    }
    const outside = relevant.length > 0 && !relevant.some((base) => isWithin(name, base))
    if (outside || excluded.some((base) => sameForm(base) && mayReachInto(name, base))) {
      throw refusal(`the name ${shown()} is outside what an authority in the chain may certify`)
    }
  }
}

/** Whether everything that `name` stands for lies in the subtree `base`; never for a form that cannot be weighed here. */
export function isNameWithin(name: GeneralName, base: GeneralName): boolean {
  return name.kind === base.kind && isWeighable(name) && isWithin(name, base)
}

/** All that constraints apply to: the alternative names, the subject, and the e-mail addresses in it. */
function constrainedNames({ subject, extensions }: Certificate): readonly GeneralName[] {
  const emails = subject.attributes.filter(({ type }) => type === 'emailAddress')
  return [
    ...extensions.subjectAltNames,
    // RFC 5280 4.2.1.10: a subject that is empty is not constrained.
    ...(subject.relativeNames.length === 0 ? [] : [{ kind: 'directory', name: subject } as const]),
    ...emails.map(({ value }) => ({ kind: 'email', value }) as const),
  ]
}

/** A URI without a host name, or with an address instead, cannot satisfy any constraint (RFC 5280 4.2.1.10). */
function isWeighable(name: GeneralName): boolean {
  if (name.kind === 'uri') return hostOf(name.value) !== null
  if (name.kind === 'email') return splitMailbox(name.value) !== null
  return name.kind !== 'other'
}

/** Whether everything that `name` stands for lies in the subtree; both are of the same form. */
function isWithin(name: GeneralName, base: GeneralName): boolean {
  if (name.kind === 'ip' && base.kind === 'ip') return isWithinNetwork(name.address, base.address)
  if (name.kind === 'directory' && base.kind === 'directory') return isWithinName(name.name, base.name)
  if (name.kind === 'uri' && base.kind === 'uri') return isHostWithin(hostOf(name.value), base.value)
  if (name.kind === 'email' && base.kind === 'email') return isMailboxWithin(name.value, base.value)
  if (name.kind !== 'dns' || base.kind !== 'dns') return false
  const { wildcard, domain } = splitWildcard(name.value)
  return isWithinDomain(domain, base.value) || (wildcard && `.${domain}` === base.value.toLowerCase())
}

/** Whether anything that `name` stands for lies in the subtree. */
function mayReachInto(name: GeneralName, base: GeneralName): boolean {
  if (isWithin(name, base)) return true
  if (name.kind !== 'dns' || base.kind !== 'dns') return false
  const { wildcard, domain } = splitWildcard(name.value)
  // *.example.com reaches into an excluded bad.example.com.
  const parent = plain(base.value).replace(/^[^.]+\./, '')
  return wildcard && parent === domain
}

function splitWildcard(value: string): { wildcard: boolean; domain: string } {
  const lower = plain(value)
  return lower.startsWith('*.') ? { wildcard: true, domain: lower.slice(2) } : { wildcard: false, domain: lower }
}

/** Zero or more labels added on the left; with a leading dot, as some authorities write it, one or more. */
function isWithinDomain(domain: string, constraint: string): boolean {
  const base = plain(constraint)
  if (base === '') return true
  if (base.startsWith('.')) return domain.endsWith(base)
  return domain === base || domain.endsWith(`.${base}`)
}

/** For e-mail and URIs: a host is that host alone, a leading dot stands for every host below (RFC 5280 4.2.1.10). */
function isHostWithin(host: string | null, constraint: string): boolean {
  const base = plain(constraint)
  if (host === null) return false
  return base === '' || (base.startsWith('.') ? host.endsWith(base) : host === base)
}

/** The constraint is one mailbox, all mailboxes of a host, or all below a domain; local parts are compared exactly. */
function isMailboxWithin(mailbox: string, constraint: string): boolean {
  const own = splitMailbox(mailbox)
  const base = splitMailbox(constraint)
  if (own === null) return false
  if (base === null) return isHostWithin(own.host, constraint)
  return own.local === base.local && own.host === base.host
}

function splitMailbox(text: string): { local: string; host: string } | null {
  const at = text.lastIndexOf('@')
  return at < 1 || at === text.length - 1 ? null : { local: text.slice(0, at), host: plain(text.slice(at + 1)) }
}

/** The host name in a URI (RFC 3986 3.2); null where there is none, an address, or one that programs read differently. */
function hostOf(uri: string): string | null {
  const [, host] =
    /^[a-z][a-z0-9+.-]*:\/\/(?:[\w.~!$&'()*+,;=:%-]*@)?([a-z0-9._-]+)(?::\d*)?(?:[/?#]|$)/i.exec(uri) ?? []
  return host === undefined || parseIp(host) !== null ? null : plain(host)
}

/** RFC 5280 4.2.1.10: the constraint is an address and a mask of the same length (RFC 4632 style). */
function isWithinNetwork(address: Uint8Array, constraint: Uint8Array): boolean {
  if (constraint.length !== 2 * address.length) return false
  const network = constraint.subarray(0, address.length)
  const mask = constraint.subarray(address.length)
  return address.every((octet, i) => (octet & (mask[i] as number)) === ((network[i] as number) & (mask[i] as number)))
}

/** A domain as it is compared: in lower case, without a dot at the end. */
function plain(domain: string): string {
  return domain.toLowerCase().replace(/\.$/, '')
}

const refusal = (message: string): TrefoilError => new TrefoilError('ERR_UNSUPPORTED_CERTIFICATE', message)
