/** Reading certificates that the caller configured: own chains, and the anchors that chains must end in. */
import { equalBytes, toHex } from '../bytes.js'
import { type ErrorCode, TrefoilError } from '../errors.js'
import { type Certificate, parseCertificate } from './certificate.js'
import { asPemText, readPem } from './pem.js'

/** The certificates that the caller trusts, ready for look-up. */
export interface TrustAnchors {
  readonly certificates: readonly Certificate[]
  /** The anchors with this subject name (its encoding). */
  bySubject(name: Uint8Array): readonly Certificate[]
  /**
   * The anchors that may have issued `certificate`: those with the name of its issuer, and of them those that have the
   * key identifier it names or none (RFC 5280 4.2.1.1), the former first. Costs the same however many others there are.
   */
  issuersOf(certificate: Certificate): readonly Certificate[]
  has(certificate: Certificate): boolean
}

/**
 * All certificates of a PEM text in their order, or the one of a DER input, as DER. Other PEM blocks are passed over.
 * @throws TrefoilError ERR_INVALID_OPTION when there is none, or one is malformed
 */
export function loadCertificates(input: string | Uint8Array): Uint8Array[] {
  return parseCertificates(input).map(({ der }) => der)
}

/**
 * The trust anchors in one or several PEM texts (or DER certificates). An anchor is trusted as it is: its signature is
 * not checked, its validity and its right to issue are.
 * @throws TrefoilError ERR_INVALID_OPTION when an input holds no certificate, or one is malformed
 */
export function loadTrustAnchors(inputs: string | Uint8Array | readonly (string | Uint8Array)[]): TrustAnchors {
  const list = typeof inputs === 'string' || inputs instanceof Uint8Array ? [inputs] : inputs
  return trustAnchors(list.flatMap(parseCertificates))
}

/** Trust anchors from parsed certificates; the same one again counts once. */
export function trustAnchors(certificates: readonly Certificate[]): TrustAnchors {
  const bySubject = new Map<string, Certificate[]>()
  const byKey = new Map<string, Certificate[]>()
  const bySignature = new Map<string, Certificate[]>()
  const has = ({ der, signature }: Certificate): boolean =>
    bySignature.get(beginning(signature))?.some((anchor) => equalBytes(anchor.der, der)) ?? false
  const distinct = certificates.filter((certificate) => {
    if (has(certificate)) return false
    append(bySignature, beginning(certificate.signature), certificate)
    return true
  })
  for (const certificate of distinct) {
    const subject = toHex(certificate.subject.der)
    append(bySubject, subject, certificate)
    append(byKey, keyOf(subject, certificate.extensions.subjectKeyIdentifier), certificate)
  }
  const anchorsNamed = (name: Uint8Array): readonly Certificate[] => bySubject.get(toHex(name)) ?? []
  return Object.freeze({
    certificates: distinct,
    bySubject: anchorsNamed,
    issuersOf({ issuer, extensions }: Certificate) {
      const wanted = extensions.authorityKeyIdentifier
      if (wanted === null) return anchorsNamed(issuer.der)
      const name = toHex(issuer.der)
      return [...(byKey.get(keyOf(name, wanted)) ?? []), ...(byKey.get(keyOf(name, null)) ?? [])]
    },
    has,
  })
}

/** Whether key identifiers let `issuer` have issued `certificate`: those that differ mean another key (RFC 5280 4.2.1.1). */
export function keyIdentifiersAgree(certificate: Certificate, issuer: Certificate): boolean {
  const wanted = certificate.extensions.authorityKeyIdentifier
  const offered = issuer.extensions.subjectKeyIdentifier
  return wanted === null || offered === null || equalBytes(wanted, offered)
}

/** Enough to tell signatures apart; certificates are compared as a whole. */
const beginning = (signature: Uint8Array): string => toHex(signature.subarray(0, 32))

const keyOf = (subject: string, keyIdentifier: Uint8Array | null): string =>
  keyIdentifier === null ? subject : `${subject}/${toHex(keyIdentifier)}`

function append(map: Map<string, Certificate[]>, key: string, certificate: Certificate): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [certificate])
  else list.push(certificate)
}

function parseCertificates(input: string | Uint8Array): Certificate[] {
  const text = asPemText(input)
  const code: ErrorCode = 'ERR_INVALID_OPTION'
  const ders =
    text === null
      ? [input as Uint8Array]
      : readPem(text, code).flatMap(({ label, der }) => (label === 'CERTIFICATE' ? [der] : []))
  if (ders.length === 0) throw new TrefoilError(code, 'the text holds no PEM certificate')
  return ders.map((der, index) => {
    try {
      return parseCertificate(der)
    } catch (error) {
      // The caller's own file is at fault here, not a peer.
      const reason = error instanceof Error ? error.message : String(error)
      throw new TrefoilError(code, `certificate ${index + 1} of the input cannot be used: ${reason}`, { cause: error })
    }
  })
}
