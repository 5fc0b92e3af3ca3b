/** From a secure context to the part of the core's configuration that both roles share. */
import type { CertificateType, CommonConfig } from '../tls/index.js'
import type { TLSOptions } from './options.js'
import type { SecureContext } from './secureContext.js'

export function commonConfig(context: SecureContext, options: TLSOptions, keylog: boolean): CommonConfig {
  const { crypto, cipherSuites, groups, signatureSchemes, certificateSignatureSchemes } = context
  return {
    crypto,
    cipherSuites,
    groups,
    signatureSchemes,
    keylog,
    // Absent means the same as signature_algorithms (RFC 9846 4.3.3): say it only when it differs.
    ...(!sameList(certificateSignatureSchemes, signatureSchemes) && { certificateSignatureSchemes }),
    ...(options.recordSizeLimit !== undefined && { recordSizeLimit: options.recordSizeLimit }),
  }
}

/** What we can show (RFC 7250). Raw keys first: they are smaller, and who accepts them has pinned ours. */
export function shownTypes({ credentials, rawKeys }: SecureContext, othersByName = false): CertificateType[] {
  return typesOf(rawKeys.length > 0, credentials.length > 0 || othersByName)
}

/** What we accept of the peer. */
export function acceptedTypes(rawKeyTrust: unknown, anchors: unknown): CertificateType[] {
  return typesOf(rawKeyTrust !== null, anchors !== null)
}

/** X.509 where nothing else is left: the core says nothing then. */
function typesOf(raw: boolean, chains: boolean): CertificateType[] {
  return [...(raw ? (['RawPublicKey'] as const) : []), ...(chains || !raw ? (['X509'] as const) : [])]
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, index) => name === b[index])
}
