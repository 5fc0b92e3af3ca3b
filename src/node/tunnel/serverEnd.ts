/** The end that terminates Trefoil and leads to a plain service. */
import { TrefoilError } from '../../errors.js'
import { createServer } from '../server.js'
import type { TLSSocket } from '../tlsSocket.js'
import type { TunnelEnd, TunnelHost } from './end.js'
import type { TunnelConnection } from './events.js'
import type { TunnelServerTls } from './options.js'
import { reset } from './reset.js'
import { connectTarget } from './target.js'

/** @throws TrefoilError as `createServer` */
export function serverEnd(tls: TunnelServerTls, host: TunnelHost): TunnelEnd {
  // It never listens: connections are put to it, so that the next one may be put to its successor.
  const server = createServer({ ...tls, allowHalfOpen: true })
  server.on('secureConnection', (secure: TLSSocket) => {
    const connection = host.identify(secure)
    host.opened(connection, secure)
    // The service is not bothered before the client has proved itself.
    lead(connection, secure, host).catch((error: TrefoilError) => {
      host.failed(connection, { stage: 'target', error })
      secure.abort(error)
      if (secure.closed) host.closed(connection)
      else secure.once('close', () => host.closed(connection))
    })
  })
  server.on('tlsClientError', (error: TrefoilError, secure: TLSSocket) => {
    host.failed(host.identify(secure), { stage: 'handshake', error })
  })
  if (tls.keylog) server.on('keylog', (line: Buffer) => host.keylog(line))
  return { accept: (inbound) => server.emit('connection', inbound), retire: () => {} }
}

async function lead(connection: TunnelConnection, secure: TLSSocket, host: TunnelHost): Promise<void> {
  const gone = new AbortController()
  const leave = () => gone.abort()
  secure.once('close', leave)
  const plain = await connectTarget(host.to, { timeout: host.settings.connectTimeout, signal: gone.signal })
  secure.off('close', leave)
  if (!secure.destroyed) return host.carry(connection, plain, secure)
  reset(plain)
  throw new TrefoilError('ERR_ABORTED', 'the client went away while the target was connected')
}
