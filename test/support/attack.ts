/**
 * A real connection against a scripted peer, joined in memory. Handshakes here are cheap ones (X25519, Ed25519 or a PSK)
 * unless a test asks for others: the rules under test do not depend on the primitives.
 */
import { expect } from 'vitest'
import type { AlertName } from '../../src/alerts.js'
import { CIPHER_SUITES } from '../../src/crypto/cipherSuites.js'
import type { CryptoProvider } from '../../src/crypto/index.js'
import { nodeProvider } from '../../src/crypto/index.js'
import type { ErrorCode } from '../../src/errors.js'
import type { ClientConfig, Credential, OfferedPsk, RequestHandlers, ServerConfig } from '../../src/tls/index.js'
import { Connection, defaultHandlers, nothingToOffer } from '../../src/tls/index.js'
import { clientConfig, Endpoint, type PairOptions, serverConfig, trustAnything } from './pair.js'
import { honest, type Script, ScriptedPeer } from './scriptedPeer.js'

const ED25519_KEY = nodeProvider.signingKey({ algorithm: 'ed25519', seed: new Uint8Array(32).fill(9) })

/** In the form that `trustAnything` reads. */
export const ed25519Credential: Credential = {
  certificateChain: [new Uint8Array(Buffer.concat([Buffer.from('ed25519:'), ED25519_KEY.publicKey]))],
  signatureScheme: 'ed25519',
  signer: ED25519_KEY,
}

const CHEAP = { groups: ['x25519', 'secp256r1'], signatureSchemes: ['ed25519'], cipherSuites: undefined } as const

/** Client settings that cost little. */
export function cheapClient(config: Partial<ClientConfig> = {}): ClientConfig {
  return clientConfig(config.crypto ?? nodeProvider, {
    groups: CHEAP.groups,
    signatureSchemes: CHEAP.signatureSchemes,
    ...config,
  })
}

export function cheapServer(config: Partial<ServerConfig> = {}): ServerConfig {
  return serverConfig(config.crypto ?? nodeProvider, {
    groups: CHEAP.groups,
    signatureSchemes: CHEAP.signatureSchemes,
    ...config,
  })
}

export function clientHandlers(handlers: Partial<RequestHandlers> = {}, crypto: CryptoProvider = nodeProvider) {
  return {
    ...defaultHandlers(crypto),
    ...nothingToOffer,
    verifyCertificate: trustAnything(crypto),
    ...handlers,
  } satisfies RequestHandlers
}

export function serverHandlers(handlers: Partial<RequestHandlers> = {}, crypto: CryptoProvider = nodeProvider) {
  return {
    ...defaultHandlers(crypto),
    ...nothingToOffer,
    selectCertificate: () => ed25519Credential,
    verifyCertificate: trustAnything(crypto),
    ...handlers,
  } satisfies RequestHandlers
}

/** Options for `makePair` with the cheap algorithms. */
export function cheap(options: PairOptions = {}): PairOptions {
  return {
    ...options,
    client: { groups: CHEAP.groups, signatureSchemes: CHEAP.signatureSchemes, ...options.client },
    server: { groups: CHEAP.groups, signatureSchemes: CHEAP.signatureSchemes, ...options.server },
    serverHandlers: { selectCertificate: () => ed25519Credential, ...options.serverHandlers },
  }
}

/** A PSK that both sides know, and the handlers for using it. */
export const PSK: OfferedPsk = {
  identity: new TextEncoder().encode('the key'),
  obfuscatedTicketAge: 0,
  psk: new Uint8Array(32).fill(5),
  hash: 'SHA-256',
  kind: 'external',
  source: null,
}

export interface PskModes {
  readonly withCertificate?: boolean
  readonly required?: boolean
}

/** The client's offer of `psks`; each handshake gets fresh copies of the keys, as the core wipes them. */
export function offering(psks: readonly OfferedPsk[], modes: PskModes = {}): Partial<RequestHandlers> {
  return {
    offerPsks: () => ({
      psks: psks.map((offered) => ({ ...offered, psk: offered.psk.slice() })),
      withCertificate: modes.withCertificate ?? false,
      required: modes.required ?? true,
    }),
  }
}

/** A server that takes the first identity it knows. */
export function knowing(psks: readonly OfferedPsk[]): Partial<RequestHandlers> {
  const find = (identity: Uint8Array) => psks.find((known) => Buffer.from(known.identity).equals(identity))
  return {
    selectPsk: ({ identities, excluded, suites, withCertificate }) => {
      const fits = (hash: OfferedPsk['hash'] | undefined) => suites.some((suite) => CIPHER_SUITES[suite].hash === hash)
      const index = identities.findIndex(({ identity }, i) => !excluded.includes(i) && fits(find(identity)?.hash))
      if (index < 0) return null
      const { hash, kind, source } = find(identities[index]?.identity as Uint8Array) as OfferedPsk
      return { index, hash, kind, withCertificate: withCertificate && kind !== 'resumption', source }
    },
    fetchPsk: ({ identity }) => find(identity)?.psk.slice() ?? null,
  }
}

export interface AttackOptions {
  readonly client?: Partial<ClientConfig>
  readonly server?: Partial<ServerConfig>
  readonly clientHandlers?: Partial<RequestHandlers>
  readonly serverHandlers?: Partial<RequestHandlers>
  readonly script?: Script
  /** Cuts what the peer sends. */
  readonly cut?: (bytes: Uint8Array) => readonly Uint8Array[]
}

export interface Attack {
  readonly target: Endpoint
  readonly peer: ScriptedPeer
}

/** A scripted client against a real server. The target's handlers must answer at once. */
export function attackServer(options: AttackOptions = {}): Attack {
  const target = new Endpoint(
    Connection.server(cheapServer(options.server)),
    serverHandlers(options.serverHandlers, options.server?.crypto),
  )
  const peer = new ScriptedPeer(
    { role: 'client', config: cheapClient(options.client) },
    nodeProvider,
    clientHandlers(options.clientHandlers),
    options.script ?? honest,
  )
  return join(target, peer, options)
}

/** A scripted server against a real client. */
export function attackClient(options: AttackOptions = {}): Attack {
  const target = new Endpoint(
    Connection.client(cheapClient(options.client)),
    clientHandlers(options.clientHandlers, options.client?.crypto),
  )
  const peer = new ScriptedPeer(
    { role: 'server', config: cheapServer(options.server) },
    nodeProvider,
    serverHandlers(options.serverHandlers),
    options.script ?? honest,
  )
  return join(target, peer, options)
}

/** Runs until neither has anything to say. */
function join(target: Endpoint, peer: ScriptedPeer, { cut = (bytes) => [bytes] }: AttackOptions): Attack {
  const queue: (() => void)[] = []
  let running = false
  const enqueue = (job: () => void) => {
    queue.push(job)
    if (running) return
    running = true
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) next()
    running = false
  }
  target.deliver = (bytes) => enqueue(() => peer.receive(bytes))
  peer.deliver = (bytes) => {
    for (const piece of cut(bytes)) enqueue(() => target.driver.receive(piece))
  }
  enqueue(() => target.driver.start())
  enqueue(() => peer.start())
  return { target, peer }
}

/** The target refused with this error, and its alert was the last thing it said. */
export function expectRefusal({ target, peer }: Attack, code: ErrorCode, alert: AlertName): void {
  expect([target.error?.code ?? null, peer.alerts]).toEqual([code, [alert]])
  expect(target.events.at(-1)?.type).toBe('error')
}

/** Both sides finished. */
export function expectComplete({ target, peer }: Attack): void {
  expect([target.error, peer.failure, peer.alerts]).toEqual([null, null, []])
  expect([target.summary !== null, peer.complete]).toEqual([true, true])
}
