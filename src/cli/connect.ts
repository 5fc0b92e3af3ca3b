/** `trefoil connect`: a client that pipes stdin to the server and what comes back to stdout. */
import { Command } from 'commander'
import { TrefoilError } from '../errors.js'
import { connect } from '../node/connect.js'
import type { TLSSocket } from '../node/tlsSocket.js'
import { asUsage } from './asUsage.js'
import { type HostPort, parseHostPort } from './hostPort.js'
import { describeHandshake, handshakeEvent } from './output.js'
import { addSharedOptions, resolveSharedOptions, type SharedOptions } from './sharedOptions.js'

export function connectCommand(): Command {
  const command = new Command('connect')
    .description('connect and pipe stdin and stdout; ends well when the server closes cleanly')
    .argument('<host:port>', 'where to; [address]:port for IPv6', parseHostPort)
  return addSharedOptions(command).action(async (target: HostPort, options: SharedOptions) => {
    const { tls, writeKeylog, close } = await resolveSharedOptions(options, command)
    try {
      const socket = asUsage(command, () => connect({ ...tls, ...target, servername: options.servername }))
      if (writeKeylog) socket.on('keylog', writeKeylog)
      await carry(socket, options.json === true)
    } finally {
      await close()
    }
  })
}

/** Resolves when the server has closed cleanly and all it sent is on stdout; rejects with the socket's error. */
function carry(socket: TLSSocket, json: boolean): Promise<void> {
  const { stdin, stdout } = process
  let lineOpen = false
  let ended = false
  const done = new Promise<void>((resolve, reject) => {
    socket.once('end', () => {
      ended = true
    })
    socket.once('error', (error) => {
      // What the server sent may have left a line unfinished before the line of the error.
      if (json && lineOpen) stdout.write('\n')
      reject(error)
    })
    socket.once('close', () => {
      if (ended) resolve()
      else reject(new TrefoilError('ERR_ABORTED', 'the connection was given up before the server closed it'))
    })
  })
  socket.once('secureConnect', () => {
    const event = handshakeEvent(socket)
    if (json) stdout.write(`${JSON.stringify(event)}\n`)
    else process.stderr.write(`connected: ${describeHandshake(event)}\n`)
    socket.on('data', (chunk: Buffer) => {
      lineOpen = chunk.at(-1) !== 0x0a
      if (stdout.write(chunk)) return
      socket.pause()
      stdout.once('drain', () => socket.resume())
    })
    // At the end of stdin: close_notify, and the server's answer is still read.
    stdin.pipe(socket)
  })
  return done.finally(() => stdin.destroy())
}
