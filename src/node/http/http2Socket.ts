/**
 * node:http2 wraps a socket that is none of its own kinds in one that is, and answers from the wrapper: no addresses, no
 * TLS. Here the wrapper is made to answer as the TLSSocket below it does, so that `session.socket` and `request.socket`
 * say the same with HTTP/2 as they say with HTTP/1.1.
 */
import type { Http2Session } from 'node:http2'
import type { Socket } from 'node:net'
import type { TLSSocket } from '../tlsSocket.js'

const PROPERTIES = [
  ...(['encrypted', 'authorized', 'authorizationError', 'alpnProtocol', 'servername', 'protection'] as const),
  ...(['remoteAddress', 'remotePort', 'remoteFamily', 'localAddress', 'localPort', 'localFamily'] as const),
  ...(['bytesRead', 'bytesWritten'] as const),
] as readonly (keyof TLSSocket)[]

const METHODS = [
  ...(['address', 'getProtocol', 'getCipher', 'getEphemeralKeyInfo', 'getPeerCertificate'] as const),
  ...(['getPeerX509Certificate', 'getPeerRawPublicKey', 'getCertificate', 'getX509Certificate'] as const),
  ...(['getSession', 'isSessionReused', 'exportKeyingMaterial', 'requestKeyUpdate'] as const),
] as readonly (keyof TLSSocket)[]

/** Not `keylog`, but where it is listened for: that is what makes a connection give its secrets away. */
const EVENTS = ['secureConnect', 'session', 'keyUpdate']

/** For a session that was made over `socket` just now. */
export function describeSession(session: Http2Session, socket: TLSSocket): void {
  // The session shows a proxy of the wrapper, whose methods are bound to the wrapper itself: this is how to get at it.
  const wrapper = session.socket.valueOf() as Socket
  for (const name of PROPERTIES) {
    Object.defineProperty(wrapper, name, { get: () => socket[name], configurable: true, enumerable: true })
  }
  for (const name of METHODS) {
    const method = socket[name] as (...args: unknown[]) => unknown
    Object.defineProperty(wrapper, name, { value: method.bind(socket), configurable: true, writable: true })
  }
  for (const name of EVENTS) socket.on(name, (...args: unknown[]) => wrapper.emit(name, ...args))
  wrapper.on('newListener', (name) => {
    if (name !== 'keylog' || wrapper.listenerCount('keylog') > 0) return
    socket.on('keylog', (line: Buffer) => wrapper.emit('keylog', line))
  })
  // What the session found out when it was made, when there was no TLS to be seen yet.
  Object.defineProperties(session, {
    encrypted: { get: () => true, configurable: true, enumerable: true },
    alpnProtocol: { get: () => socket.alpnProtocol || 'h2', configurable: true, enumerable: true },
  })
}
