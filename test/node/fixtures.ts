/** Certificates, and real connections on 127.0.0.1, for the tests of src/node. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect as connectTcp, createServer as createTcpServer, type Socket } from 'node:net'
import { defaultProvider } from '../../src/crypto/index.js'
import {
  type ConnectionOptions,
  connect,
  createServer,
  type SecureConnectionListener,
  type Server,
  type ServerOptions,
  type TLSSocket,
  type TrefoilError,
} from '../../src/index.js'
import {
  type CertifiedKey,
  createCertificateAuthority,
  type IssuedAlgorithm,
  issueCertificate,
} from '../../src/pki/index.js'
import { inProcessPair } from '../../src/qkd/index.js'
import { atEndOfFile } from '../support/endOfFile.js'

export const crypto = defaultProvider()

export function authority(commonName = 'Test CA', algorithm: IssuedAlgorithm = 'mldsa44'): CertifiedKey {
  return createCertificateAuthority({ commonName, algorithm, crypto })
}

export function identity(
  ca: CertifiedKey,
  subjectAltNames: string[],
  algorithm: IssuedAlgorithm = 'mldsa44',
): { cert: string; key: string } {
  const { certificatePem, privateKeyPem } = issueCertificate({ ca, subjectAltNames, algorithm, crypto })
  return { cert: certificatePem, key: privateKeyPem }
}

/** Made once for all test files of a worker: making keys takes longer than most tests. */
const testCa = authority()
export const ca = testCa.certificatePem
export const serverIdentity = identity(testCa, ['localhost', '127.0.0.1'])
export const clientIdentity = identity(testCa, ['client.test'])
export { testCa }

export const psk = { identity: 'test', key: randomBytes(32) }

/** QKD options of both sides over one in-process link. */
export function qkdPair(supply?: number) {
  const [atClient, atServer] = inProcessPair({
    siteA: 'sae-client',
    siteB: 'sae-server',
    random: (length) => randomBytes(length),
    ...(supply !== undefined && { supply }),
  })
  return {
    client: { source: atClient, localSaeId: 'sae-client', peerSaeId: 'sae-server' },
    server: { source: atServer, localSaeId: 'sae-server', peerSaeId: 'sae-client' },
  }
}

const cleanUps: (() => void)[] = []
atEndOfFile(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp()
})

export interface Listening {
  readonly server: Server
  readonly port: number
  /** The errors of `tlsClientError`, in order. */
  readonly refused: TrefoilError[]
}

export async function listen(options: ServerOptions, listener?: SecureConnectionListener): Promise<Listening> {
  const server = createServer(options, listener)
  const refused: TrefoilError[] = []
  const open = new Set<TLSSocket>()
  server.on('tlsClientError', (error: TrefoilError) => refused.push(error))
  server.on('secureConnection', (socket: TLSSocket) => {
    open.add(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanUps.push(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  return { server, port: (server.address() as AddressInfo).port, refused }
}

/** Resolves at `secureConnect`, rejects with the error. */
export function secured(socket: TLSSocket): Promise<TLSSocket> {
  cleanUps.push(() => socket.destroy())
  return new Promise((resolve, reject) => {
    socket.once('secureConnect', () => resolve(socket))
    socket.once('error', reject)
  })
}

/** The error that ends the socket. */
export function failure(socket: TLSSocket): Promise<TrefoilError> {
  return new Promise((resolve, reject) => {
    socket.once('error', resolve)
    socket.once('close', () => reject(new Error('closed without an error')))
  })
}

export interface Connected {
  readonly client: TLSSocket
  readonly server: TLSSocket
  readonly listening: Listening
}

/** A finished handshake, seen from both sides. */
export async function shake(serverOptions: ServerOptions, clientOptions: ConnectionOptions): Promise<Connected> {
  const listening = await listen(serverOptions)
  const accepted = once(listening.server, 'secureConnection')
  accepted.catch(() => {})
  const client = await secured(connect({ host: '127.0.0.1', port: listening.port, ...clientOptions }))
  const [server] = (await accepted) as [TLSSocket]
  return { client, server, listening }
}

/** A handshake that fails, with the errors of both sides. */
export async function refusal(serverOptions: ServerOptions, clientOptions: ConnectionOptions) {
  const { server, port } = await listen(serverOptions)
  const refused = once(server, 'tlsClientError')
  const client = await failure(connect({ host: '127.0.0.1', port, ...clientOptions }))
  const [atServer] = (await refused) as [TrefoilError]
  return { client, server: atServer }
}

/** The simplest connection: a server certificate and nothing else. */
export function plain(
  serverOptions: Partial<ServerOptions> = {},
  clientOptions: Partial<ConnectionOptions> = {},
): Promise<Connected> {
  return shake({ ...serverIdentity, ...serverOptions }, { ca, ...clientOptions })
}

/** Everything up to the end. Not by iteration, which would destroy the socket. */
export function readAll(socket: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk)).resume()
  return new Promise((resolve, reject) => {
    socket.once('end', () => resolve(Buffer.concat(chunks)))
    socket.once('error', reject)
  })
}

/** A TCP server that leaves its connections to the test. */
export async function listenTcp(onConnection: (socket: Socket) => void): Promise<number> {
  const server = createTcpServer({ allowHalfOpen: true }, (socket) => {
    cleanUps.push(() => socket.destroy())
    socket.on('error', () => {})
    onConnection(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanUps.push(() => server.close())
  return (server.address() as AddressInfo).port
}

export async function tcpClient(port: number): Promise<Socket> {
  const socket = connectTcp({ port, host: '127.0.0.1', allowHalfOpen: true })
  socket.on('error', () => {})
  cleanUps.push(() => socket.destroy())
  await once(socket, 'connect')
  return socket
}
