/** KeyUpdate (RFC 9846 section 4.7.3). */
import { TrefoilError } from '../../errors.js'
import { encodeHandshake } from '../wire/handshake.js'
import { decode } from '../wire/reader.js'

/** @param requested ask the peer to update its sending keys too */
export function encodeKeyUpdate(requested: boolean): Uint8Array {
  return encodeHandshake('key_update', (writer) => writer.u8(requested ? 1 : 0))
}

/** Whether the peer asks us to update our sending keys. */
export function decodeKeyUpdate(body: Uint8Array): boolean {
  const request = decode(body, 'KeyUpdate', (reader) => reader.u8())
  if (request > 1) throw new TrefoilError('ERR_ILLEGAL_PARAMETER', `peer sent a KeyUpdate with the value ${request}`)
  return request === 1
}
