/** An end that shows any chain whatever in a real handshake over a socket, and tells what alert it got for it. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { AlertName } from '../../../src/alerts.js'
import { DEFAULT_CIPHER_SUITES } from '../../../src/crypto/cipherSuites.js'
import { CLASSICAL_SCHEMES, MLDSA_SCHEMES, nodeProvider, SIGNATURE_SCHEMES } from '../../../src/crypto/index.js'
import { certificateKey, parseCertificate } from '../../../src/pki/index.js'
import { Connection, type Credential, Driver, defaultHandlers, nothingToOffer } from '../../../src/tls/index.js'
import type { Crafted } from '../craft.js'
import { octets, type Row } from './row.js'

/** The alert that ended the handshake; null when it was completed, and no alert came before the end. */
export type Answer = AlertName | number | null

const crypto = nodeProvider
const signatureSchemes = [...MLDSA_SCHEMES, ...CLASSICAL_SCHEMES].filter((name) => SIGNATURE_SCHEMES[name].inHandshake)
const config = {
  crypto,
  signatureSchemes,
  cipherSuites: DEFAULT_CIPHER_SUITES,
  groups: ['x25519', 'X25519MLKEM768'],
} as const

/** A server for one visit. */
export async function showAsServer(row: Row): Promise<{ port: number; answer: Promise<Answer>; close(): void }> {
  const credential = credentialOf(row)
  let settle: (answer: Promise<Answer>) => void = () => {}
  const answer = new Promise<Answer>((resolve) => {
    settle = resolve
  })
  const server = createServer((socket) => settle(play(Connection.server(config), socket, credential)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, answer, close: () => server.close() }
}

/** A client that pays one visit. */
export async function showAsClient(row: Row, port: number): Promise<Answer> {
  const socket = connect({ host: '127.0.0.1', port })
  const client = Connection.client({ ...config, serverName: null })
  return play(client, socket, row.made().chain.length === 0 ? null : credentialOf(row))
}

async function play(connection: Connection, socket: Socket, credential: Credential | null): Promise<Answer> {
  let answer: Answer = null
  const handlers = {
    ...nothingToOffer,
    ...defaultHandlers(crypto),
    selectCertificate: () => credential,
    verifyCertificate: ({ certificateChain }: { certificateChain: readonly Uint8Array[] }) => ({
      publicKey: certificateKey(parseCertificate(certificateChain[0] as Uint8Array), crypto),
      source: null,
    }),
  }
  const driver = new Driver(connection, handlers, {
    transmit: (bytes) => socket.write(bytes),
    event: (event) => {
      if (event.type === 'error') answer = event.error.receivedAlert
    },
  })
  socket.on('error', () => {})
  socket.on('data', (bytes: Uint8Array) => driver.receive(bytes))
  driver.start()
  await new Promise<void>((resolve) => socket.once('close', () => resolve()))
  return answer
}

function credentialOf(row: Row): Credential {
  const { chain, signer = chain[0] } = row.made()
  const { key } = signer as Crafted
  const signatureScheme = signatureSchemes.find((name) => SIGNATURE_SCHEMES[name].key === key.algorithm)
  if (signatureScheme === undefined) throw new Error(`no scheme for ${key.algorithm}`)
  return { certificateChain: chain.map(octets), signatureScheme, signer: key }
}
