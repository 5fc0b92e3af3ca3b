/** TLS before a server of Node's: what the server takes for a connection is what comes out of the handshake. */
import type { Server as TcpServer } from 'node:net'
import type { TrefoilError } from '../../errors.js'
import type { SecureContextOptions } from '../contextOptions.js'
import type { KeyLookupStatistics } from '../keyLookups/index.js'
import type { ServerOptions } from '../options.js'
import type { TicketKeyOption } from '../psk/index.js'
import type { SecureContext } from '../secureContext.js'
import { createServer, type Server } from '../server.js'
import type { TLSSocket } from '../tlsSocket.js'

/** What a server gains by it, as Trefoil's own `Server` has it. */
export interface TlsServing {
  /**
   * New certificates, algorithms and policy for connections from now on.
   * @throws TrefoilError ERR_INVALID_OPTION, also when it would add or take away certificates altogether
   */
  setSecureContext(options: SecureContextOptions): void
  /** The 48 octets that another server needs to open the same tickets; undefined without tickets. */
  getTicketKeys(): Buffer | undefined
  /** @throws TrefoilError ERR_INVALID_OPTION unless they are 48 octets each, ERR_INVALID_STATE without tickets */
  setTicketKeys(keys: TicketKeyOption): void
  /**
   * Another certificate, or other settings, for a name or a pattern such as `*.example.com`.
   * @throws TrefoilError ERR_INVALID_OPTION
   */
  addContext(hostname: string, context: SecureContextOptions | SecureContext): void
  /** How look-ups at the key manager fared: a snapshot. */
  readonly keyLookups: KeyLookupStatistics
  /** How look-ups in the session store fared: a snapshot. */
  readonly sessionLookups: KeyLookupStatistics
}

/**
 * `server` goes on accepting TCP connections, and emits what a TLS server emits: `secureConnection`, `tlsClientError`,
 * `keylog`; a failed handshake also as `clientError`, as https.Server does.
 * @param serve given each TLS connection; called on the server
 * @throws TrefoilError ERR_INVALID_OPTION (and ERR_INVALID_KEY, ERR_BAD_CERTIFICATE for unusable PEM)
 */
export function serveOverTls(server: TcpServer, options: ServerOptions, serve: (socket: TLSSocket) => void): Server {
  const tls = createServer(options)
  server.removeAllListeners('connection')
  server.on('connection', (transport) => tls.emit('connection', transport))
  server.on('secureConnection', serve)
  tls.on('secureConnection', (socket: TLSSocket) => server.emit('secureConnection', socket))
  tls.on('tlsClientError', (error: TrefoilError, socket: TLSSocket) => {
    server.emit('tlsClientError', error, socket)
    server.emit('clientError', error, socket)
  })
  const onKeylog = (line: Buffer, socket: TLSSocket) => server.emit('keylog', line, socket)
  server.on('newListener', (name) => {
    if (name === 'keylog' && tls.listenerCount('keylog') === 0) tls.on('keylog', onKeylog)
  })
  server.on('removeListener', (name) => {
    if (name === 'keylog' && server.listenerCount('keylog') === 0) tls.off('keylog', onKeylog)
  })
  return tls
}
