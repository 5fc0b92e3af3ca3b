/**
 * Drives an independent TLS stack: the `tls` module of Node 24 or 26 (OpenSSL 3.5) in a process of its own.
 *
 * What Node's `tls` cannot be asked to do: send a KeyUpdate on demand (it answers one that asks for an answer, with
 * its next write; for the rest see opensslCli.ts), use an external PSK with a SHA-384 suite, withhold session tickets,
 * tell a server the group that was used, or tell close_notify from a bare FIN. A certificate that
 * `rejectUnauthorized` refuses is found out after the handshake: the connection is dropped without an alert.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { type PeerMajor, peerAlias, peerBinary } from '../peers/binaries.mjs'
import { deterministicBytes } from '../peers/deterministicBytes.mjs'

export { deterministicBytes, type PeerMajor, peerBinary }

/** Octets made by {@link deterministicBytes}. */
export interface DeterministicData {
  readonly bytes: number
  readonly seed: string | number
}

/** What either role is told. Names are `node:tls`'s; lists are joined with a colon. PEM as text. */
export interface PeerOptions {
  readonly node?: PeerMajor
  readonly cert?: string | readonly string[]
  readonly key?: string
  readonly ca?: string | readonly string[]
  readonly rejectUnauthorized?: boolean
  /** IANA suite names. With `psk`: TLS_AES_128_GCM_SHA256 or TLS_CHACHA20_POLY1305_SHA256. */
  readonly ciphers?: string
  /** OpenSSL's group names, e.g. `X25519MLKEM768`, `P-256`. A client sends a share for the first one only. */
  readonly groups?: readonly string[]
  readonly sigalgs?: readonly string[]
  readonly alpn?: readonly string[]
  /** An external PSK; `key` in hex. */
  readonly psk?: { readonly identity: string; readonly key: string }
  readonly minVersion?: string
  readonly maxVersion?: string
  /** Reported as hex; `context` in hex. */
  readonly exporter?: { readonly label: string; readonly length: number; readonly context?: string }
  /** Sent as soon as the handshake is finished. */
  readonly send?: DeterministicData
  /** close_notify right behind `send`; the other direction stays open. */
  readonly endAfterSend?: boolean
}

export interface ServerPeerOptions extends PeerOptions {
  readonly port?: number
  readonly requestCert?: boolean
  /** Sends back what arrives, and ends when the client has ended. Default true. */
  readonly echo?: boolean
}

export interface ClientPeerOptions extends PeerOptions {
  readonly host?: string
  readonly port: number
  readonly servername?: string
  /** Whether the server's certificate must bear the name of `servername` or `host`. Default true. */
  readonly checkName?: boolean
  /** Waits for as many octets as were sent before it ends. */
  readonly expectEcho?: boolean
  /** Waits for this many octets before it ends. */
  readonly expectBytes?: number
  /** Waits for this many session tickets before it ends. */
  readonly sessions?: number
  /** Leaves it to the server to end first. */
  readonly waitForEnd?: boolean
  /** A session from an earlier result, in base64. */
  readonly session?: string
  readonly timeoutMilliseconds?: number
}

export interface PeerError {
  readonly code: string | null
  readonly message: string
  /** The alert that the peer received, by number; null when the peer found the fault itself. */
  readonly alert: number | null
}

export interface PeerConnection {
  readonly protocol: string
  readonly cipher: string
  readonly group: string | null
  readonly alpn: string | null
  readonly servername: string | null
  readonly authorized: boolean
  readonly authorizationError: string | null
  readonly reused: boolean
  /** DER in hex. */
  readonly peerCertificate: string | null
  readonly exporter: string | null
}

export interface Received {
  readonly bytes: number
  readonly sha256: string
}

export interface ClientPeerResult {
  /** The handshake was finished and nothing went wrong afterwards. */
  readonly ok: boolean
  readonly connection: PeerConnection | null
  readonly error: PeerError | null
  readonly received: Received
  /** The server ended its direction. */
  readonly ended: boolean
  /** Session tickets, base64. */
  readonly sessions: readonly string[]
  /** NSS key log lines. */
  readonly keylog: readonly string[]
}

export type ServerPeerEvent =
  | { readonly event: 'listening'; readonly port: number }
  | ({ readonly event: 'secureConnection'; readonly connection: number } & PeerConnection)
  | { readonly event: 'tlsClientError'; readonly error: PeerError }
  | { readonly event: 'error'; readonly connection: number; readonly error: PeerError }
  | { readonly event: 'ended'; readonly connection: number; readonly received: Received }
  | { readonly event: 'closed'; readonly connection: number; readonly received: Received }
  | { readonly event: 'keylog'; readonly line: string }
  | { readonly event: 'failed'; readonly error: PeerError }

type EventNamed<Name> = Extract<ServerPeerEvent, { event: Name }>

/** A listening peer. Stop it: its process would otherwise outlive the test. */
export class ServerPeer {
  readonly events: ServerPeerEvent[] = []
  readonly #child: ChildProcess
  readonly #wakers = new Set<() => void>()
  readonly #taken = new Map<string, number>()

  private constructor(child: ChildProcess) {
    this.#child = child
    const wake = () => {
      for (const waker of this.#wakers) waker()
    }
    child.on('message', (message) => {
      this.events.push(message as ServerPeerEvent)
      wake()
    })
    child.on('exit', wake)
  }

  /** @internal */
  static async start(options: ServerPeerOptions): Promise<ServerPeer> {
    const server = new ServerPeer(launch('server', options))
    try {
      await server.next('listening')
      return server
    } catch (error) {
      await server.stop()
      throw error
    }
  }

  get port(): number {
    const listening = this.events.find((event) => event.event === 'listening')
    return listening?.event === 'listening' ? listening.port : 0
  }

  /** The next event of that name that no earlier call has given; waits for it. */
  async next<Name extends ServerPeerEvent['event']>(
    name: Name,
    timeoutMilliseconds = 20_000,
  ): Promise<EventNamed<Name>> {
    const index = this.#taken.get(name) ?? 0
    this.#taken.set(name, index + 1)
    let expired = false
    for (;;) {
      const found = this.events.filter((event): event is EventNamed<Name> => event.event === name)[index]
      if (found !== undefined) return found
      const failure = this.events.find((event) => event.event === 'failed')
      if (failure?.event === 'failed') throw new Error(`the TLS peer failed: ${failure.error.message}`)
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) throw new Error('the TLS peer has exited')
      if (expired) throw new Error(`the TLS peer reported no ${name}; it did report ${JSON.stringify(this.events)}`)
      expired = await this.#somethingHappens(timeoutMilliseconds)
    }
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()))
    if (this.#child.connected) this.#child.send({ command: 'stop' }, () => undefined)
    const impatience = setTimeout(() => this.#child.kill('SIGKILL'), 2_000)
    await exited
    clearTimeout(impatience)
  }

  /** Waits for a message or the end of the process; true when neither came in time. */
  #somethingHappens(timeoutMilliseconds: number): Promise<boolean> {
    return new Promise((resolve) => {
      const done = (expired: boolean) => {
        this.#wakers.delete(waker)
        clearTimeout(timer)
        resolve(expired)
      }
      const waker = () => done(false)
      const timer = setTimeout(() => done(true), timeoutMilliseconds)
      this.#wakers.add(waker)
    })
  }
}

/** Starts a TLS server of Node 26 (or 24) on a free port of 127.0.0.1. */
export function startServerPeer(options: ServerPeerOptions): Promise<ServerPeer> {
  return ServerPeer.start(options)
}

/** Makes one connection with the TLS client of Node 26 (or 24) and tells what came of it. */
export function runClientPeer(options: ClientPeerOptions): Promise<ClientPeerResult> {
  const child = launch('client', options)
  const limit = options.timeoutMilliseconds ?? 20_000
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`the TLS peer did not finish within ${limit} ms`))
    }, limit)
    let reported = false
    child.on('message', (message: { event: string } & ClientPeerResult) => {
      reported = true
      if (message.event === 'result') resolve(message)
      else reject(new Error(`the TLS peer failed: ${message.error?.message}`))
      if (message.event !== 'result') child.kill()
    })
    child.once('exit', (code, signal) => {
      clearTimeout(timer)
      if (!reported) reject(new Error(`the TLS peer exited (${code ?? signal}) without a result`))
    })
  })
}

/** What a peer should report as received when it was sent these octets. */
export function receivedOf(data: Uint8Array): Received {
  return { bytes: data.length, sha256: createHash('sha256').update(data).digest('hex') }
}

/** The reason to skip tests against this peer, or null when it is installed. */
export function peerMissing(major: PeerMajor = 26): string | null {
  if (peerBinary(major) !== null) return null
  return `no Node ${major} for ${peerAlias(major)} in test/peers (node scripts/install-peers.mjs)`
}

function launch(role: 'server' | 'client', { node = 26, ...options }: PeerOptions): ChildProcess {
  const binary = peerBinary(node)
  if (binary === null) throw new Error(peerMissing(node) ?? '')
  const program = fileURLToPath(new URL('../peers/tlsPeer.mjs', import.meta.url))
  // Options for the tests' own Node must not reach the peer's.
  const { NODE_OPTIONS: _, ...env } = process.env
  const child = spawn(binary, [program], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env })
  child.send({ role, options })
  return child
}
