/** ClientHello (RFC 9846 section 4.2.2). Its extensions' meaning is read in clientHelloExtensions.ts. */
import { TrefoilError } from '../../errors.js'
import { type Extension, readExtensions, writeExtensions } from '../extensions/extension.js'
import { VERSION_SSL3, VERSION_TLS12 } from '../wire/codePoints.js'
import { encodeHandshake } from '../wire/handshake.js'
import { decode } from '../wire/reader.js'

export interface ClientHello {
  /** 32 octets. */
  readonly random: Uint8Array
  /** 0 to 32 octets. */
  readonly sessionId: Uint8Array
  readonly cipherSuites: readonly number[]
  readonly compressionMethods: Uint8Array
  readonly extensions: readonly Extension[]
}

/** Header and body. */
export function encodeClientHello(hello: ClientHello): Uint8Array {
  return encodeHandshake('client_hello', (writer) => {
    writer
      .u16(VERSION_TLS12)
      .bytes(hello.random)
      .opaque(1, hello.sessionId)
      .vector(2, (list) => {
        for (const suite of hello.cipherSuites) list.u16(suite)
      })
      .opaque(1, hello.compressionMethods)
    writeExtensions(writer, hello.extensions)
  })
}

/** @throws TrefoilError ERR_PROTOCOL_VERSION for SSL 3.0 and older, ERR_DECODE, ERR_ILLEGAL_PARAMETER */
export function decodeClientHello(body: Uint8Array): ClientHello {
  return decode(body, 'ClientHello', (reader) => {
    // legacy_version says nothing once supported_versions is there (RFC 9846 4.2.2, 4.3.1), unless it is SSL's.
    if (reader.u16() <= VERSION_SSL3) {
      throw new TrefoilError('ERR_PROTOCOL_VERSION', 'peer sent a ClientHello of SSL 3.0 or older')
    }
    return {
      random: reader.bytes(32),
      sessionId: reader.opaque(1, 0, 32),
      cipherSuites: reader.list(2, 2, (item) => item.u16()),
      compressionMethods: reader.opaque(1, 1),
      // Clients before TLS 1.3 may leave the whole block out; they are refused for their version, not their syntax.
      extensions: reader.remaining === 0 ? [] : readExtensions(reader, 0),
    }
  })
}
