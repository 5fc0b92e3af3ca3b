/** ServerHello and HelloRetryRequest, which share one format (RFC 9846 sections 4.2.3 and 4.2.4). */
import { equalBytes, fromHex } from '../../bytes.js'
import { TrefoilError } from '../../errors.js'
import { type Extension, readExtensions, writeExtensions } from '../extensions/extension.js'
import { VERSION_TLS12 } from '../wire/codePoints.js'
import { encodeHandshake } from '../wire/handshake.js'
import { decode } from '../wire/reader.js'

export interface ServerHello {
  /** 32 octets. */
  readonly random: Uint8Array
  /** Echo of the client's. */
  readonly sessionId: Uint8Array
  readonly cipherSuite: number
  readonly extensions: readonly Extension[]
}

/** SHA-256 of "HelloRetryRequest": the random that marks a retry. */
export const HELLO_RETRY_REQUEST_RANDOM = fromHex('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c')

export function isHelloRetryRequest(hello: ServerHello): boolean {
  return equalBytes(hello.random, HELLO_RETRY_REQUEST_RANDOM)
}

/** Header and body. */
export function encodeServerHello(hello: ServerHello): Uint8Array {
  return encodeHandshake('server_hello', (writer) => {
    writer.u16(VERSION_TLS12).bytes(hello.random).opaque(1, hello.sessionId).u16(hello.cipherSuite).u8(0)
    writeExtensions(writer, hello.extensions)
  })
}

/** @throws TrefoilError ERR_PROTOCOL_VERSION for another legacy_version, ERR_ILLEGAL_PARAMETER for compression */
export function decodeServerHello(body: Uint8Array): ServerHello {
  return decode(body, 'ServerHello', (reader) => {
    if (reader.u16() !== VERSION_TLS12) {
      throw new TrefoilError('ERR_PROTOCOL_VERSION', 'peer answered with a version older than TLS 1.2')
    }
    const hello = { random: reader.bytes(32), sessionId: reader.opaque(1, 0, 32), cipherSuite: reader.u16() }
    if (reader.u8() !== 0) throw new TrefoilError('ERR_ILLEGAL_PARAMETER', 'peer selected a compression method')
    return { ...hello, extensions: reader.remaining === 0 ? [] : readExtensions(reader, 0) }
  })
}
