/** The end that takes plain connections and makes a Trefoil connection for each. */
import type { Socket } from 'node:net'
import { type TrefoilError, toTrefoilError } from '../../errors.js'
import { clientEndpoint } from '../clientEndpoint.js'
import { connect } from '../connect.js'
import { createSecureContext } from '../secureContext.js'
import type { TLSSocket } from '../tlsSocket.js'
import { toNodeAddress } from './address.js'
import type { TunnelEnd, TunnelHost } from './end.js'
import type { TunnelConnection } from './events.js'
import type { TunnelClientTls } from './options.js'
import { plainFailed } from './relay.js'
import { reset } from './reset.js'
import { SessionStock } from './sessionStock.js'
import { TCP_OPTIONS } from './target.js'

/** @throws TrefoilError as `connect` */
export function clientEnd(tls: TunnelClientTls, host: TunnelHost, resume: boolean): TunnelEnd {
  const { keepAlive, keepAliveInitialDelay } = TCP_OPTIONS
  const options = {
    keepAlive,
    keepAliveInitialDelay,
    handshakeTimeout: host.settings.connectTimeout,
    ...tls,
    secureContext: tls.secureContext ?? createSecureContext(tls),
    allowHalfOpen: true,
    ...toNodeAddress(host.to),
  }
  // What is wrong with the options shows now, and not at the first connection.
  clientEndpoint(options)
  // Under a QKD policy a session lives on without a fresh key only as far as its owner has said.
  const mayResume = resume && (!tls.qkd || tls.qkd.policy === 'off' || tls.qkd.resumption !== undefined)
  const sessions = mayResume ? new SessionStock() : null
  return {
    accept(plain) {
      const connection = host.identify(plain)
      let secure: TLSSocket
      try {
        secure = connect({ ...options, session: sessions?.take() })
      } catch (thrown) {
        host.failed(connection, { stage: 'handshake', error: toTrefoilError(thrown) })
        return reset(plain)
      }
      if (sessions) secure.on('session', (session: Buffer) => sessions.put(session))
      if (tls.keylog) secure.on('keylog', (line: Buffer) => host.keylog(line))
      shake(connection, plain, secure, host)
    },
  }
}

/** Until the handshake is done, whichever side fails takes the other with it. */
function shake(connection: TunnelConnection, plain: Socket, secure: TLSSocket, host: TunnelHost): void {
  const fail = (error: TrefoilError) => {
    stop()
    host.failed(connection, { stage: 'handshake', error })
    reset(plain)
    secure.abort(error)
  }
  const plainGone = (cause?: NodeJS.ErrnoException) => fail(plainFailed(cause ?? new Error('it was closed')))
  const secured = () => {
    stop()
    host.opened(connection, secure)
    host.carry(connection, plain, secure)
  }
  const stop = () => {
    plain.off('error', plainGone).off('close', onClose)
    secure.off('error', fail).off('secureConnect', secured)
    // What fails after the failure is no news.
    secure.on('error', () => {})
  }
  const onClose = () => plainGone()
  plain.once('error', plainGone).once('close', onClose)
  secure.once('error', fail).once('secureConnect', secured)
}
