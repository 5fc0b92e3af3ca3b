/** CertificateVerify (RFC 9846 section 4.5.3). */
import { concat, utf8 } from '../../bytes.js'
import { encodeHandshake } from '../wire/handshake.js'
import { decode } from '../wire/reader.js'

export interface CertificateVerify {
  /** SignatureScheme code point. */
  readonly algorithm: number
  readonly signature: Uint8Array
}

export function encodeCertificateVerify({ algorithm, signature }: CertificateVerify): Uint8Array {
  return encodeHandshake('certificate_verify', (writer) => writer.u16(algorithm).opaque(2, signature))
}

export function decodeCertificateVerify(body: Uint8Array): CertificateVerify {
  return decode(body, 'CertificateVerify', (reader) => ({ algorithm: reader.u16(), signature: reader.opaque(2) }))
}

const PREFIX_LENGTH = 64
const PREFIX = new Uint8Array(PREFIX_LENGTH).fill(0x20)
const CONTEXT = {
  server: utf8('TLS 1.3, server CertificateVerify\0'),
  client: utf8('TLS 1.3, client CertificateVerify\0'),
}

/** What is signed: 64 spaces, a context string for the signer's role, a zero octet, the transcript hash. */
export function certificateVerifyInput(signer: 'client' | 'server', transcriptHash: Uint8Array): Uint8Array {
  return concat(PREFIX, CONTEXT[signer], transcriptHash)
}
