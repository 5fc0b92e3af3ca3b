// The client role: one connection, then one result.
import tls from 'node:tls'
import { deterministicBytes } from './deterministicBytes.mjs'
import { Digest, describeConnection, describeError } from './tlsPeerShared.mjs'

export function runClient(options, tlsOptions) {
  const { host = '127.0.0.1', port, servername, session, send, expectBytes, sessions: sessionsWanted = 0 } = options
  const outcome = { connection: null, error: null, ended: false, sessions: [], keylog: [] }
  const received = new Digest()
  const wanted = expectBytes ?? (options.expectEcho ? (send?.bytes ?? 0) : 0)

  const socket = tls.connect({
    ...tlsOptions,
    host,
    port,
    ...(servername === undefined ? {} : { servername }),
    ...(session === undefined ? {} : { session: Buffer.from(session, 'base64') }),
    allowHalfOpen: true,
  })
  socket.on('keylog', (line) => outcome.keylog.push(line.toString().trim()))
  socket.on('session', (data) => {
    outcome.sessions.push(data.toString('base64'))
    endWhenDone()
  })
  socket.on('secureConnect', () => {
    outcome.connection = describeConnection(socket, options.exporter)
    if (send !== undefined) socket.write(deterministicBytes(send.seed, send.bytes), () => endWhenDone())
    if (options.endAfterSend) socket.end()
    endWhenDone()
  })
  socket.on('data', (chunk) => {
    received.update(chunk)
    endWhenDone()
  })
  // The server's close_notify, or a bare FIN: Node does not tell one from the other.
  socket.on('end', () => {
    outcome.ended = true
    if (!socket.writableEnded) socket.end()
  })
  socket.on('error', (error) => {
    outcome.error ??= describeError(error)
  })
  socket.on('close', finish)

  function endWhenDone() {
    const done = outcome.connection !== null && received.bytes >= wanted && outcome.sessions.length >= sessionsWanted
    if (done && !options.waitForEnd && !socket.writableEnded) socket.end()
  }

  function finish() {
    if (!process.connected) return
    const ok = outcome.connection !== null && outcome.error === null
    process.send({ event: 'result', ok, ...outcome, received: received.result() }, () => process.disconnect())
  }
}
