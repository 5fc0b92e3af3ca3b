/** Finished (RFC 9846 section 4.5.4): its body is the HMAC alone. */
import { encodeHandshake } from '../wire/handshake.js'

export function encodeFinished(verifyData: Uint8Array): Uint8Array {
  return encodeHandshake('finished', (writer) => writer.bytes(verifyData))
}
