/** Endorsements for people and for `--json`. */
import { type Endorsement, type EndorsementPurpose, formatFingerprint, keyFingerprint } from '../../pki/index.js'

export interface EndorsementDescription {
  readonly subject: string
  readonly algorithm: string
  readonly name: string
  readonly purposes: readonly EndorsementPurpose[]
  /** How long a chain may start with the subject; 0 unless it is an introducer. */
  readonly depth: number
  readonly endorser: string
  readonly scheme: string
  /** ISO 8601 in UTC, to the second. */
  readonly notBefore: string
  readonly notAfter: string
}

export function describeEndorsement(endorsement: Endorsement): EndorsementDescription {
  const { subject, name, purposes, depth, endorserId, scheme, notBefore, notAfter } = endorsement
  return {
    subject: keyFingerprint(subject),
    algorithm: subject.algorithm ?? subject.objectIdentifier,
    name,
    purposes,
    depth,
    endorser: formatFingerprint(endorserId),
    scheme,
    notBefore: isoSeconds(notBefore),
    notAfter: isoSeconds(notAfter),
  }
}

export function readable(description: EndorsementDescription): string[] {
  const { purposes, depth } = description
  const reach = depth === 0 ? '' : `, depth ${depth}`
  const rows: [string, string][] = [
    ['key', `${description.subject} (${description.algorithm})`],
    ['name', description.name],
    ['as', `${purposes.join(' and ')}${reach}`],
    ['endorser', `${description.endorser} (${description.scheme})`],
    ['valid', `${description.notBefore} to ${description.notAfter}`],
  ]
  return [...rows.map(([label, value]) => `${label.padEnd(10)} ${value}`), '']
}

function isoSeconds(time: number): string {
  return new Date(time).toISOString().replace('.000Z', 'Z')
}
