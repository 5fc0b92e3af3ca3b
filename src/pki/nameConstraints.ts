/**
 * nameConstraints (RFC 5280 4.2.1.10) for DNS names and IP addresses. A constraint on any other form cannot be
 * enforced here, so an authority that carries one is refused.
 */
import { TrefoilError } from '../errors.js'
import type { Certificate } from './certificate.js'
import type { NameConstraints } from './extensions.js'
import { formatGeneralName, type GeneralName } from './generalName.js'
import { brief } from './name.js'

/**
 * Checks the names of one certificate against the constraints of an authority above it.
 * @throws TrefoilError ERR_UNSUPPORTED_CERTIFICATE when a name lies outside, or when a form is constrained that is not
 *   enforced here
 */
export function checkNameConstraints(constraints: NameConstraints, certificate: Certificate): void {
  for (const base of [...constraints.permitted, ...constraints.excluded]) {
    if (base.kind !== 'dns' && base.kind !== 'ip') {
      throw new TrefoilError(
        'ERR_UNSUPPORTED_CERTIFICATE',
        'an authority in the chain constrains names of a form whose constraints are not understood here',
      )
    }
  }
  for (const name of certificate.extensions.subjectAltNames) {
    const sameForm = (base: GeneralName): boolean => base.kind === name.kind
    const permitted = constraints.permitted.filter(sameForm)
    const outside = permitted.length > 0 && !permitted.some((base) => isWithin(name, base))
    if (outside || constraints.excluded.some((base) => mayReachInto(name, base))) {
      throw new TrefoilError(
        'ERR_UNSUPPORTED_CERTIFICATE',
        `the name ${brief(formatGeneralName(name))} is outside what an authority in the chain may certify`,
      )
    }
  }
}

/** Whether everything that `name` stands for lies in the subtree. */
function isWithin(name: GeneralName, base: GeneralName): boolean {
  if (name.kind === 'ip' && base.kind === 'ip') return isWithinNetwork(name.address, base.address)
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
  const parent = base.value.toLowerCase().replace(/^[^.]+\./, '')
  return wildcard && parent === domain
}

function splitWildcard(value: string): { wildcard: boolean; domain: string } {
  const lower = value.toLowerCase().replace(/\.$/, '')
  return lower.startsWith('*.') ? { wildcard: true, domain: lower.slice(2) } : { wildcard: false, domain: lower }
}

/** Zero or more labels added on the left; with a leading dot, as some authorities write it, one or more. */
function isWithinDomain(domain: string, constraint: string): boolean {
  const base = constraint.toLowerCase().replace(/\.$/, '')
  if (base === '') return true
  if (base.startsWith('.')) return domain.endsWith(base)
  return domain === base || domain.endsWith(`.${base}`)
}

/** RFC 5280 4.2.1.10: the constraint is an address and a mask of the same length (RFC 4632 style). */
function isWithinNetwork(address: Uint8Array, constraint: Uint8Array): boolean {
  if (constraint.length !== 2 * address.length) return false
  const network = constraint.subarray(0, address.length)
  const mask = constraint.subarray(address.length)
  return address.every((octet, i) => (octet & (mask[i] as number)) === ((network[i] as number) & (mask[i] as number)))
}
