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

/** Trust anchors from parsed certificates. */
export function trustAnchors(certificates: readonly Certificate[]): TrustAnchors {
  const bySubject = new Map<string, Certificate[]>()
  for (const certificate of certificates) {
    const subject = toHex(certificate.subject.der)
    bySubject.set(subject, [...(bySubject.get(subject) ?? []), certificate])
  }
  const anchorsNamed = (name: Uint8Array): readonly Certificate[] => bySubject.get(toHex(name)) ?? []
  return {
    certificates,
    bySubject: anchorsNamed,
    has: ({ subject, der }) => anchorsNamed(subject.der).some((anchor) => equalBytes(anchor.der, der)),
  }
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
