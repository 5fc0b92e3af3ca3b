/** The plain connection of a server's tunnel to its service. */
import { connect, type Socket } from 'node:net'
import { TrefoilError } from '../../errors.js'
import { formatAddress, type TunnelAddress, toNodeAddress } from './address.js'

/** What both sides of a tunnel ask of TCP. Keep-alive finds peers that have gone without a word. */
export const TCP_OPTIONS = {
  allowHalfOpen: true,
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: 60_000,
} as const

export interface TargetOptions {
  /** Milliseconds. */
  readonly timeout: number
  /** Fires when nobody waits for the connection any more. */
  readonly signal: AbortSignal
}

/** @throws TrefoilError ERR_TARGET_UNREACHABLE, ERR_ABORTED */
export function connectTarget(to: TunnelAddress, { timeout, signal }: TargetOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...TCP_OPTIONS, ...toNodeAddress(to) })
    const settle = (error: TrefoilError | null) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', abandon)
      socket.off('connect', connected).off('error', failed)
      if (error === null) return resolve(socket)
      // An error that still comes has nothing more to say.
      socket.on('error', () => {}).destroy()
      reject(error)
    }
    const connected = () => settle(null)
    const failed = (cause: NodeJS.ErrnoException) => settle(unreachable(to, cause.message || `${cause.code}`, cause))
    const abandon = () => settle(new TrefoilError('ERR_ABORTED', 'the client went away while the target was connected'))
    const timer = setTimeout(() => settle(unreachable(to, `no answer within ${timeout} milliseconds`)), timeout)
    socket.once('connect', connected).once('error', failed)
    signal.addEventListener('abort', abandon, { once: true })
    if (signal.aborted) abandon()
  })
}

function unreachable(to: TunnelAddress, reason: string, cause?: unknown): TrefoilError {
  return new TrefoilError('ERR_TARGET_UNREACHABLE', `the target ${formatAddress(to)} cannot be reached: ${reason}`, {
    cause,
  })
}
