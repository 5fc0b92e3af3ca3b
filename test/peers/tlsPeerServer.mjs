// The server role: listens until it is told to stop, reports every connection, echoes or sends what it was asked to.
import tls from 'node:tls'
import { deterministicBytes } from './deterministicBytes.mjs'
import { Digest, describeConnection, describeError } from './tlsPeerShared.mjs'

export function runServer(options, tlsOptions) {
  let connections = 0
  const sockets = new Set()
  const server = tls.createServer({ ...tlsOptions, requestCert: options.requestCert ?? false, allowHalfOpen: true })

  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.on('keylog', (line) => report('keylog', { line: line.toString().trim() }))
  server.on('tlsClientError', (error) => report('tlsClientError', { error: describeError(error) }))
  server.on('secureConnection', (socket) => serve(socket, connections++, options))
  server.on('error', (error) => report('failed', { error: describeError(error) }))
  server.listen(options.port ?? 0, '127.0.0.1', () => report('listening', { port: server.address().port }))

  process.on('message', ({ command }) => {
    if (command !== 'stop') return
    for (const socket of sockets) socket.destroy()
    server.close(() => process.disconnect())
  })
}

function serve(socket, connection, { echo = true, send, endAfterSend = false, exporter }) {
  const received = new Digest()
  report('secureConnection', { connection, ...describeConnection(socket, exporter) })
  socket.on('error', (error) => report('error', { connection, error: describeError(error) }))
  socket.on('close', () => report('closed', { connection, received: received.result() }))

  socket.on('data', (chunk) => {
    received.update(chunk)
    if (echo && !socket.write(chunk)) {
      socket.pause()
      socket.once('drain', () => socket.resume())
    }
  })
  socket.on('end', () => {
    report('ended', { connection, received: received.result() })
    if (!socket.writableEnded) socket.end()
  })
  if (send === undefined) return
  socket.write(deterministicBytes(send.seed, send.bytes))
  if (endAfterSend) socket.end()
}

function report(event, details) {
  if (process.connected) process.send({ event, ...details })
}
