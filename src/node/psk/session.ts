/**
 * A client's session as one opaque octet string: what `getSession()` gives and the `session` option takes. It holds
 * the resumption PSK in the clear, as node:tls's does: whoever has it can resume the session.
 *
 *     struct { SessionState state; opaque ticket<1..2^16-1>; } TrefoilSession;
 */
import { concat, wipe } from '../../bytes.js'
import { TrefoilError } from '../../errors.js'
import type { ClientSession } from '../../tls/requests.js'
import { decode } from '../../tls/wire/reader.js'
import { encode } from '../../tls/wire/writer.js'
import { encodeSessionState, readSessionState } from './sessionState.js'
import { toPskSource } from './source.js'

/** The session given stays the caller's to wipe. */
export function serializeSession(session: ClientSession): Buffer<ArrayBuffer> {
  const state = encodeSessionState({
    ...session,
    time: session.receivedAt,
    peerCertificateChain: session.serverCertificateChain,
    peerCertificateType: session.serverCertificateType,
    source: toPskSource(session.pskSource),
  })
  const octets = concat(
    state,
    encode((writer) => writer.opaque(2, session.ticket)),
  )
  wipe(state)
  return Buffer.from(octets.buffer as ArrayBuffer, octets.byteOffset, octets.length)
}

/**
 * Copies what it reads; the PSK in the result is the caller's to wipe.
 * @throws TrefoilError ERR_INVALID_OPTION for anything that `serializeSession` did not write
 */
export function parseSession(data: Uint8Array): ClientSession {
  if (!(data instanceof Uint8Array)) throw new TrefoilError('ERR_INVALID_OPTION', 'the session is not octets')
  try {
    return decode(data, 'session', (reader) => {
      const { time, fullHandshakeAt, peerCertificateChain, peerCertificateType, source, ...state } =
        readSessionState(reader)
      const ticket = new Uint8Array(reader.opaque(2, 1))
      return {
        ...state,
        ticket,
        receivedAt: time,
        serverCertificateChain: peerCertificateChain,
        serverCertificateType: peerCertificateType,
        pskSource: source,
      }
    })
  } catch (cause) {
    throw new TrefoilError('ERR_INVALID_OPTION', 'the session is not one that getSession() gave', { cause })
  }
}
