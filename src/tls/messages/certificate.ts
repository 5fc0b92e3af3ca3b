/** Certificate and CertificateRequest (RFC 9846 sections 4.5.2 and 4.4.2). */
import { EMPTY } from '../../bytes.js'
import { type Extension, readExtensions, writeExtensions } from '../extensions/extension.js'
import { encodeHandshake } from '../wire/handshake.js'
import { decode } from '../wire/reader.js'

export interface CertificateEntry {
  /** DER. */
  readonly certificate: Uint8Array
  readonly extensions: readonly Extension[]
}

export interface CertificateMessage {
  /** certificate_request_context: empty in the main handshake. */
  readonly context: Uint8Array
  readonly entries: readonly CertificateEntry[]
}

export function encodeCertificate(certificateChain: readonly Uint8Array[]): Uint8Array {
  return encodeHandshake('certificate', (writer) =>
    writer.opaque(1, EMPTY).vector(3, (list) => {
      for (const certificate of certificateChain) list.opaque(3, certificate).u16(0)
    }),
  )
}

export function decodeCertificate(body: Uint8Array): CertificateMessage {
  return decode(body, 'Certificate', (reader) => ({
    context: reader.opaque(1),
    entries: reader.list(3, 0, (item) => ({
      certificate: item.opaque(3, 1),
      extensions: readExtensions(item, 0),
    })),
  }))
}

export interface CertificateRequest {
  readonly context: Uint8Array
  readonly extensions: readonly Extension[]
}

export function encodeCertificateRequest(extensions: readonly Extension[]): Uint8Array {
  return encodeHandshake('certificate_request', (writer) => writeExtensions(writer.opaque(1, EMPTY), extensions))
}

export function decodeCertificateRequest(body: Uint8Array): CertificateRequest {
  return decode(body, 'CertificateRequest', (reader) => ({
    context: reader.opaque(1),
    extensions: readExtensions(reader, 0),
  }))
}
