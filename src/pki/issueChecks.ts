/** Options of what is issued, checked: validity, names, path length. All throw ERR_INVALID_OPTION. */
import { TrefoilError } from '../errors.js'
import type { Certificate } from './certificate.js'
import type { NameConstraints } from './extensions.js'
import { parseNameConstraint } from './issueNames.js'

export interface ValidityOptions {
  /** First moment of validity in milliseconds of the Unix epoch; five minutes before `now` unless given. */
  readonly notBefore?: number | undefined
  /** Days of validity, counted from `notBefore` (or from `now`): 3650 for an authority, 365 for a leaf unless given. */
  readonly days?: number | undefined
  /** Milliseconds of the Unix epoch; the system's clock unless given. */
  readonly now?: number | undefined
}

/** What an authority may certify, each as {@link parseNameConstraint} reads it. */
export interface NameConstraintOptions {
  readonly permitted?: readonly string[] | undefined
  readonly excluded?: readonly string[] | undefined
}

export const AUTHORITY_DAYS = 3650
export const LEAF_DAYS = 365
const DAY = 86_400_000
/** Clocks differ: a certificate made now must be good at once everywhere. */
const BACKDATE = 300_000
const MAX_COMMON_NAME_LENGTH = 64
const MAX_SERIAL_LENGTH = 20

export function validity(
  { notBefore, days, now = Date.now() }: ValidityOptions,
  defaultDays: number,
  issuer: Certificate | null,
): { notBefore: number; notAfter: number } {
  const start = notBefore ?? now - BACKDATE
  const end = (notBefore ?? now) + (days ?? defaultDays) * DAY
  // Unless told otherwise, nothing outlives its issuer.
  const notAfter =
    days === undefined && issuer !== null && issuer.notAfter > start ? Math.min(end, issuer.notAfter) : end
  if (!(notAfter > start && (days ?? 1) > 0 && start >= Date.UTC(1950, 0) && notAfter < Date.UTC(10000, 0))) {
    throw invalid('the validity of the certificate is empty or cannot be written')
  }
  return { notBefore: start, notAfter }
}

export function checkCommonName(commonName: string): string {
  if (commonName.length > 0 && commonName.length <= MAX_COMMON_NAME_LENGTH) return commonName
  throw invalid(`a common name has 1 to ${MAX_COMMON_NAME_LENGTH} characters`)
}

export function firstName(subjectAltNames: readonly string[]): string {
  const names = subjectAltNames.map((text) => text.replace(/^(DNS|IP):/i, ''))
  const name = names.find((text) => text.length <= MAX_COMMON_NAME_LENGTH)
  if (name !== undefined) return name
  throw invalid('a certificate needs a common name or an alternative name')
}

export function checkPathLength(pathLength: number | undefined): number | null {
  if (pathLength === undefined) return null
  if (Number.isInteger(pathLength) && pathLength >= 0 && pathLength < 128) return pathLength
  throw invalid('a path length is a whole number from 0 to 127')
}

/** RFC 5280 4.1.2.2: positive, at most 20 octets of INTEGER, in the shortest form. */
export function checkSerialNumber(octets: Uint8Array | undefined): Uint8Array | undefined {
  if (octets === undefined) return undefined
  const start = octets.findIndex((octet) => octet !== 0)
  const shortest = start < 0 ? new Uint8Array() : octets.subarray(start)
  const positive = (shortest[0] ?? 0) >= 0x80 ? Uint8Array.of(0, ...shortest) : shortest.slice()
  if (shortest.length > 0 && positive.length <= MAX_SERIAL_LENGTH) return positive
  throw invalid(`a serial number is above zero, and has at most ${MAX_SERIAL_LENGTH} octets with its sign`)
}

export function checkNameConstraints(options: NameConstraintOptions | undefined): NameConstraints | null {
  const permitted = (options?.permitted ?? []).map(parseNameConstraint)
  const excluded = (options?.excluded ?? []).map(parseNameConstraint)
  return permitted.length + excluded.length === 0 ? null : { permitted, excluded }
}

const invalid = (message: string): TrefoilError => new TrefoilError('ERR_INVALID_OPTION', message)
