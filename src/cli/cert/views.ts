/** Certificates, requests and keys as rows of a name and a value. */
import type { CertificateDescription, PublicKeyDescription, RequestDescription } from '../../pki/index.js'

export type Row = [name: string, value: string]

/** One thing in a file: for machines and for people. */
export interface Item {
  readonly event: object
  readonly rows: Row[]
}

const NAME_WIDTH = 16

/** Lines, and an empty one behind them. */
export function layOut(rows: readonly Row[]): string[] {
  return [...rows.map(([name, value]) => `${name.padEnd(NAME_WIDTH)} ${value}`), '']
}

export function certificateRows(description: CertificateDescription): Row[] {
  const limit = description.pathLength === null ? '' : `, at most ${description.pathLength} authorities below`
  const { nameConstraints, unknownCritical } = description
  return [
    ['subject', description.subject],
    ['issuer', description.issuer],
    ['serial number', description.serialNumber],
    ['valid', `${description.notBefore} to ${description.notAfter}`],
    ['names', list(description.subjectAltNames)],
    ['key', `${description.keyAlgorithm}, ${description.publicKeyLength} octets`],
    ['signature', `${description.signatureAlgorithm}, ${description.signatureLength} octets`],
    ['authority', description.isCa ? `yes${limit}` : 'no'],
    ...(nameConstraints === null
      ? []
      : ([
          ['certifies only', list(nameConstraints.permitted, 'any')],
          ['certifies not', list(nameConstraints.excluded)],
        ] satisfies Row[])),
    ...(unknownCritical.length === 0
      ? []
      : ([['not known here', `${list(unknownCritical)} (critical)`]] satisfies Row[])),
    ['key usage', list(description.keyUsage)],
    ['purposes', list(description.extendedKeyUsage)],
    ['key id', description.keyIds.subject ?? 'none'],
    ["issuer's key id", description.keyIds.authority ?? 'none'],
    ['SHA-256', description.fingerprint],
    ['size', `${description.length} octets`],
  ]
}

export function requestRows(description: RequestDescription & { readonly problem: string | null }): Row[] {
  return [
    ['request by', description.subject],
    ['names', list(description.subjectAltNames)],
    ['key', `${description.keyAlgorithm}, ${description.publicKeyLength} octets`],
    ['key id', description.keyId],
    ['signature', `${description.signatureAlgorithm}, ${description.signatureLength} octets`],
    ['holds', description.problem === null ? 'yes: signed by its own key' : `no: ${description.problem}`],
    ['authority', description.isCa ? 'asked for' : 'no'],
    ['key usage', list(description.keyUsage)],
    ['purposes', list(description.extendedKeyUsage)],
    ['size', `${description.length} octets`],
  ]
}

export function publicKeyRows(kind: 'private key' | 'public key', description: PublicKeyDescription): Row[] {
  return [
    [kind, `${description.keyAlgorithm}, public half ${description.publicKeyLength} octets`],
    ['key id', description.keyId],
  ]
}

/** Absent limits nothing; an empty list is one of none. */
function list(items: readonly string[] | null, empty = 'none'): string {
  return items === null ? 'any' : items.join(', ') || empty
}
