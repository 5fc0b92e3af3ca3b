/** `trefoil serve`: a server that echoes, or answers HTTP with what protects the connection. */
import type { AddressInfo } from 'node:net'
import { Command, Option } from 'commander'
import { TrefoilError } from '../errors.js'
import { createServer, type Server } from '../node/server.js'
import type { TLSSocket } from '../node/tlsSocket.js'
import { asUsage } from './asUsage.js'
import { formatHostPort, type HostPort, parseHostPort } from './hostPort.js'
import { protectionSite } from './httpSite.js'
import { describeHandshake, errorEvent, handshakeEvent, type Printer, printer } from './output.js'
import { addSharedOptions, resolveSharedOptions, type SharedOptions } from './sharedOptions.js'

interface ServeOptions extends SharedOptions {
  readonly listen: HostPort
  readonly http?: boolean
}

type Service = (socket: TLSSocket) => void

/** Milliseconds for open connections to end once the command has been told to stop. */
const GRACE = 1000

export function serveCommand(): Command {
  const command = new Command('serve')
    .description('serve until SIGINT or SIGTERM')
    .requiredOption('--listen <host:port>', 'where to listen; port 0 takes a free one', parseHostPort)
    .addOption(new Option('--echo', 'send back what comes (the default)').conflicts('http'))
    .option('--http', 'answer every GET with a page that shows what protects the connection')
  return addSharedOptions(command).action(async (options: ServeOptions) => {
    const { tls, writeKeylog, close } = await resolveSharedOptions(options, command)
    const print = printer(options.json === true)
    const { requestCert, tickets } = options
    try {
      const server = asUsage(command, () => createServer({ ...tls, requestCert, tickets }))
      if (writeKeylog) server.on('keylog', writeKeylog)
      await serve(server, options.listen, options.http ? protectionSite() : echo, print)
    } finally {
      await close()
    }
  })
}

async function serve(server: Server, listen: HostPort, service: Service, print: Printer): Promise<void> {
  const open = new Set<TLSSocket>()
  let count = 0
  server.on('secureConnection', (socket: TLSSocket) => {
    const connection = ++count
    open.add(socket)
    report(socket, connection, print)
    socket.once('close', () => open.delete(socket))
    service(socket)
  })
  server.on('tlsClientError', (error) => {
    const event = errorEvent(error)
    print(event, `refused: ${event.message} (${event.code})`)
  })
  const stopped = new Promise<void>((resolve) => {
    process.once('SIGINT', resolve).once('SIGTERM', resolve)
  })
  const { address, port } = await listenOn(server, listen)
  print({ event: 'listening', host: address, port }, `listening on ${formatHostPort({ host: address, port })}`)
  await stopped
  const closed = new Promise((resolve) => server.close(resolve))
  for (const socket of open) socket.end()
  const giveUp = setTimeout(() => {
    for (const socket of open) socket.destroy()
  }, GRACE)
  await closed
  clearTimeout(giveUp)
}

function echo(socket: TLSSocket): void {
  socket.pipe(socket)
}

function report(socket: TLSSocket, connection: number, print: Printer): void {
  const handshake = handshakeEvent(socket)
  print({ ...handshake, connection }, `connection ${connection}: ${describeHandshake(handshake)}`)
  let bytesReceived = 0
  let clean = false
  socket.on('error', (error) => {
    const event = errorEvent(error)
    print({ ...event, connection }, `connection ${connection}: ${event.message} (${event.code})`)
  })
  socket.on('data', (chunk: Buffer) => {
    bytesReceived += chunk.length
  })
  socket.once('end', () => {
    clean = true
  })
  socket.once('close', () => {
    const event = { event: 'closed', connection, clean, bytesReceived }
    print(event, `connection ${connection}: closed${clean ? '' : ' without close_notify'}`)
  })
}

function listenOn(server: Server, { host, port }: HostPort): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: Error) => {
      reject(new TrefoilError('ERR_TRANSPORT', `cannot listen: ${cause.message}`, { cause }))
    })
    server.listen(port, host, () => resolve(server.address() as AddressInfo))
  })
}
