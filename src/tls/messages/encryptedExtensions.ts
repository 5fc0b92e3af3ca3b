/** EncryptedExtensions (RFC 9846 section 4.4.1). */
import { type Extension, readExtensions, writeExtensions } from '../extensions/extension.js'
import { encodeHandshake } from '../wire/handshake.js'
import { decode } from '../wire/reader.js'

export function encodeEncryptedExtensions(extensions: readonly Extension[]): Uint8Array {
  return encodeHandshake('encrypted_extensions', (writer) => writeExtensions(writer, extensions))
}

export function decodeEncryptedExtensions(body: Uint8Array): Extension[] {
  return decode(body, 'EncryptedExtensions', (reader) => readExtensions(reader, 0))
}
