/** Closing a plain connection so that its other end knows that something was lost. */
import type { Socket } from 'node:net'

/** A TCP reset; of a Unix domain socket, which has none, the plain end. */
export function reset(socket: Socket): void {
  if (socket.destroyed) return
  try {
    socket.resetAndDestroy()
  } catch {
    socket.destroy()
  }
}
