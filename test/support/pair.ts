/** Two connections joined in memory: a client and a server, with everything each of them said and saw. */

import { DEFAULT_CIPHER_SUITES } from '../../src/crypto/cipherSuites.js'
import { HYBRID_GROUPS } from '../../src/crypto/groups.js'
import type { CryptoProvider, SigningKey } from '../../src/crypto/index.js'
import { nodeProvider } from '../../src/crypto/index.js'
import { MLDSA_SCHEMES, SIGNATURE_SCHEMES } from '../../src/crypto/signatureSchemes.js'
import type { TrefoilError } from '../../src/errors.js'
import type {
  ClientConfig,
  ConnectionEvent,
  Credential,
  HandshakeSummary,
  RequestHandlers,
  ServerConfig,
} from '../../src/tls/index.js'
import { Connection, Driver, defaultHandlers, nothingToOffer } from '../../src/tls/index.js'

/** One end, and what happened at it. */
export class Endpoint {
  readonly driver: Driver
  readonly events: ConnectionEvent[] = []
  readonly sent: Uint8Array[] = []
  private readonly received: Uint8Array[] = []
  /** Where its octets go. */
  deliver: (bytes: Uint8Array) => void = () => {}

  constructor(connection: Connection, handlers: RequestHandlers) {
    this.driver = new Driver(connection, handlers, {
      transmit: (bytes) => {
        this.sent.push(bytes.slice())
        this.deliver(bytes)
      },
      event: (event) => {
        if (event.type === 'applicationData') this.received.push(event.data.slice())
        this.events.push(event)
      },
    })
  }

  get connection(): Connection {
    return this.driver.connection
  }

  get summary(): HandshakeSummary | null {
    const event = this.events.find(({ type }) => type === 'handshakeComplete')
    return event?.type === 'handshakeComplete' ? event.summary : null
  }

  get error(): TrefoilError | null {
    const event = this.events.find(({ type }) => type === 'error')
    return event?.type === 'error' ? event.error : null
  }

  get data(): Uint8Array {
    return Buffer.concat(this.received)
  }

  count(type: ConnectionEvent['type']): number {
    return this.events.filter((event) => event.type === type).length
  }
}

export interface PairOptions {
  readonly client?: Partial<ClientConfig>
  readonly server?: Partial<ServerConfig>
  readonly clientHandlers?: Partial<RequestHandlers>
  readonly serverHandlers?: Partial<RequestHandlers>
  readonly clientCrypto?: CryptoProvider
  readonly serverCrypto?: CryptoProvider
  /** Changes octets on their way; return several chunks to cut them, none to drop them. */
  readonly toServer?: (bytes: Uint8Array) => readonly Uint8Array[]
  readonly toClient?: (bytes: Uint8Array) => readonly Uint8Array[]
}

export interface Pair {
  readonly client: Endpoint
  readonly server: Endpoint
  /** Lets octets and promises come to rest. */
  settle(): Promise<void>
}

/** Makes both ends, without starting the handshake. */
export function makePair(options: PairOptions = {}): Pair {
  const clientCrypto = options.clientCrypto ?? nodeProvider
  const serverCrypto = options.serverCrypto ?? nodeProvider
  const client = new Endpoint(Connection.client(clientConfig(clientCrypto, options.client)), {
    ...defaultHandlers(clientCrypto),
    ...nothingToOffer,
    verifyCertificate: trustAnything(clientCrypto),
    ...options.clientHandlers,
  })
  const server = new Endpoint(Connection.server(serverConfig(serverCrypto, options.server)), {
    ...defaultHandlers(serverCrypto),
    ...nothingToOffer,
    selectCertificate: (request) => testCredential(serverCrypto, request.signatureSchemes[0] as 'mldsa65'),
    verifyCertificate: trustAnything(serverCrypto),
    ...options.serverHandlers,
  })
  const queue: (() => void)[] = []
  let running = false
  const run = () => {
    if (running) return
    running = true
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) job()
    running = false
  }
  const link = (to: Endpoint, change: (bytes: Uint8Array) => readonly Uint8Array[]) => (bytes: Uint8Array) => {
    for (const chunk of change(bytes)) queue.push(() => to.driver.receive(chunk))
    run()
  }
  client.deliver = link(server, options.toServer ?? ((bytes) => [bytes]))
  server.deliver = link(client, options.toClient ?? ((bytes) => [bytes]))
  return {
    client,
    server,
    settle: async () => {
      for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

/** Makes a pair and runs the handshake to its end, good or bad. */
export async function runPair(options: PairOptions = {}): Promise<Pair> {
  const pair = makePair(options)
  pair.server.driver.start()
  pair.client.driver.start()
  await pair.settle()
  return pair
}

export function clientConfig(crypto: CryptoProvider, config: Partial<ClientConfig> = {}): ClientConfig {
  return {
    crypto,
    cipherSuites: DEFAULT_CIPHER_SUITES,
    groups: HYBRID_GROUPS,
    signatureSchemes: MLDSA_SCHEMES,
    serverName: 'server.test',
    ...config,
  }
}

export function serverConfig(crypto: CryptoProvider, config: Partial<ServerConfig> = {}): ServerConfig {
  return {
    crypto,
    cipherSuites: DEFAULT_CIPHER_SUITES,
    groups: HYBRID_GROUPS,
    signatureSchemes: MLDSA_SCHEMES,
    ...config,
  }
}

/**
 * The core takes any octets for a certificate and leaves their meaning to a verifier, so these tests use "certificates"
 * that are the name of the key's algorithm and the raw key. Real ones are used wherever sockets are.
 */
const keys = new Map<string, SigningKey>()

export function testCredential(crypto: CryptoProvider, scheme: 'mldsa44' | 'mldsa65' | 'mldsa87'): Credential {
  const id = `${crypto.name} ${scheme}`
  let key = keys.get(id)
  if (key === undefined) {
    key = crypto.signingKey({ algorithm: SIGNATURE_SCHEMES[scheme].key, seed: new Uint8Array(32).fill(7) })
    keys.set(id, key)
  }
  const certificate = Buffer.concat([Buffer.from(`${scheme}:`), key.publicKey])
  return { certificateChain: [new Uint8Array(certificate)], signatureScheme: scheme, signer: key }
}

export function trustAnything(crypto: CryptoProvider): RequestHandlers['verifyCertificate'] {
  return ({ certificateChain }) => {
    const leaf = certificateChain[0] as Uint8Array
    const algorithm = Buffer.from(leaf.subarray(0, 7)).toString() as 'mldsa65'
    return { publicKey: crypto.verifyingKey(algorithm, leaf.slice(8)), source: 'trusted' }
  }
}
