/** The end that takes plain connections and makes a Trefoil connection for each. */
import type { Socket } from 'node:net'
import { type TrefoilError, toTrefoilError } from '../../errors.js'
import { clientEndpoint } from '../clientEndpoint.js'
import { createSecureContext } from '../secureContext.js'
import { type ConnectionCallback, ResumingClient } from '../sessions/resumingClient.js'
import { toNodeAddress } from './address.js'
import type { TunnelEnd, TunnelHost } from './end.js'
import type { TunnelClientTls } from './options.js'
import { plainFailed } from './relay.js'
import { reset } from './reset.js'
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
  const client = new ResumingClient(mayResume ? undefined : 0, (secure) => {
    if (tls.keylog) secure.on('keylog', (line: Buffer) => host.keylog(line))
  })
  return {
    accept: (plain) => shake(plain, host, (signal, callback) => client.establish('', { ...options, signal }, callback)),
    retire: () => client.retire(),
  }
}

/** Until the handshake is done, whichever side fails takes the other with it. */
function shake(
  plain: Socket,
  host: TunnelHost,
  establish: (signal: AbortSignal, callback: ConnectionCallback) => void,
): void {
  const connection = host.identify(plain)
  const attempt = new AbortController()
  let over = false
  const stop = () => {
    over = true
    plain.off('error', plainGone).off('close', onClose)
  }
  const fail = (error: TrefoilError) => {
    // What fails after the failure is no news.
    if (over) return
    stop()
    host.failed(connection, { stage: 'handshake', error })
    reset(plain)
    attempt.abort(error)
  }
  const plainGone = (cause?: NodeJS.ErrnoException) => fail(plainFailed(cause ?? new Error('it was closed')))
  const onClose = () => plainGone()
  plain.once('error', plainGone).once('close', onClose)
  establish(attempt.signal, (error, secure) => {
    if (secure === undefined) return fail(toTrefoilError(error))
    if (over) return void secure.destroy()
    stop()
    host.opened(connection, secure)
    host.carry(connection, plain, secure)
  })
}
