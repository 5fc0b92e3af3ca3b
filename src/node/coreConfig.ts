/** From a secure context to the part of the core's configuration that both roles share. */
import type { CommonConfig } from '../tls/index.js'
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

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, index) => name === b[index])
}
