/** Closing a transport so that the peer can still read our last alert. */
import type { Duplex } from 'node:stream'

/** Milliseconds for the peer to take the alert and close its own side. */
const LINGER = 1000

/**
 * Ends a transport after what has been written to it. Until the peer ends too, or a second has passed, its octets are
 * read and dropped: a TCP socket that is closed with octets unread resets the connection, and the alert is lost.
 */
export function closeAfterFlush(transport: Duplex): void {
  if (transport.destroyed) return
  const destroy = () => transport.destroy()
  const timer = setTimeout(destroy, LINGER).unref()
  transport.removeAllListeners('data')
  transport.on('data', () => {})
  transport.once('end', () => {
    if (transport.writableFinished) destroy()
    else transport.once('finish', destroy)
  })
  transport.once('close', () => clearTimeout(timer))
  if (transport.readableEnded) transport.once('finish', destroy)
  transport.end()
  transport.resume()
}
