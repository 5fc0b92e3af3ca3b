/** Tunnels with plain services behind them, on 127.0.0.1. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import {
  createTunnel,
  type Tunnel,
  type TunnelAddress,
  type TunnelClientTls,
  type TunnelClosed,
  type TunnelFailure,
  type TunnelOptions,
  type TunnelServerTls,
} from '../../../src/index.js'
import { atEndOfFile } from '../../support/endOfFile.js'
import { ca, serverIdentity } from '../fixtures.js'

const cleanUps: (() => unknown)[] = []
atEndOfFile(() => Promise.all(cleanUps.splice(0).map((cleanUp) => cleanUp())))

export interface Service {
  readonly port: number
  /** Of all its connections, in order. */
  readonly sockets: Socket[]
  readonly server: Server
}

/** A plain service that leaves its connections to `onConnection`; errors are kept in `errored` of the socket. */
export async function service(onConnection: (socket: Socket) => void): Promise<Service> {
  const sockets: Socket[] = []
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    cleanUps.push(() => socket.destroy())
    onConnection(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanUps.push(() => server.close())
  return { port: (server.address() as AddressInfo).port, sockets, server }
}

export const echo = () => service((socket) => void socket.pipe(socket))

export interface Watched {
  readonly tunnel: Tunnel
  readonly failures: TunnelFailure[]
  readonly closed: TunnelClosed[]
  readonly address: TunnelAddress
  readonly port: number
}

export type TunnelOverrides = Partial<Omit<TunnelOptions, 'role' | 'tls' | 'to'>>

export async function watch(options: TunnelOptions, listen: TunnelAddress = at(0)): Promise<Watched> {
  const tunnel = createTunnel(options)
  const failures: TunnelFailure[] = []
  const closed: TunnelClosed[] = []
  tunnel.on('failure', (failure) => failures.push(failure)).on('close', (end) => closed.push(end))
  const address = await tunnel.listen(listen)
  cleanUps.push(() => tunnel.close())
  return { tunnel, failures, closed, address, port: 'port' in address ? address.port : 0 }
}

export function at(port: number): TunnelAddress {
  return { host: '127.0.0.1', port }
}

export interface Ends {
  readonly server?: TunnelOverrides & { readonly tls?: TunnelServerTls }
  readonly client?: TunnelOverrides & { readonly tls?: TunnelClientTls }
}

/** Both ends before a service. */
export async function tunnelTo(port: number, { server = {}, client = {} }: Ends = {}) {
  const atServer = await watch({ role: 'server', to: at(port), tls: serverIdentity, ...server })
  const atClient = await watch({ role: 'client', to: at(atServer.port), tls: { ca }, ...client })
  return { server: atServer, client: atClient, port: atClient.port }
}

/** A plain connection; its errors are its `errored`. */
export async function dial(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  socket.on('error', () => {})
  cleanUps.push(() => socket.destroy())
  await once(socket, 'connect')
  return socket
}

/** How a connection ends that is refused, be it when it is just being made. */
export function turnedAway(port: number): Promise<string | null> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  cleanUps.push(() => socket.destroy())
  return ending(socket.on('error', () => {}))
}

/** Resolves with the code of the error that ended it, or with null. */
export async function ending(socket: Socket): Promise<string | null> {
  socket.resume()
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve))
  return (socket.errored as NodeJS.ErrnoException | null)?.code ?? null
}
