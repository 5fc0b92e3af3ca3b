/**
 * Drives OpenSSL's raw public keys (test/peers/rawKeyPeer.c): compiled once for a test file, run in the Node whose
 * binary holds OpenSSL 3.5.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { peerBinary } from '../peers/binaries.mjs'
import { peerMissing } from './nodePeer.js'

const SOURCE = fileURLToPath(new URL('../peers/rawKeyPeer.c', import.meta.url))
const node = peerBinary(26)
const headers = node === null ? null : join(dirname(node), '../include/node')

export interface RawKeyPeerOptions {
  readonly role: 'server' | 'client'
  /** Client: where to. */
  readonly port?: number
  /** Paths of PEM files: its own private key, and the public key that the other end must show. */
  readonly key?: string
  readonly expected?: string
  readonly connections?: number
}

export type RawKeyPeerEvent = Readonly<Record<string, unknown>> & { readonly event: string }

/** The reason to skip tests against this peer, or null when it can be made. */
export function rawKeyPeerMissing(): string | null {
  const missing = peerMissing(26)
  if (missing !== null) return missing
  if (headers === null || !existsSync(join(headers, 'openssl/ssl.h'))) return 'Node 26 came without its headers'
  if (process.platform === 'win32' || spawnSync('cc', ['--version']).status !== 0)
    return 'no C compiler (cc) on this machine'
  return null
}

export class RawKeyPeers {
  readonly #folder = mkdtempSync(join(tmpdir(), 'trefoil-raw-key-peer-'))
  readonly #library = join(this.#folder, 'peer.node')
  readonly #running = new Set<ChildProcess>()

  constructor() {
    // On macOS the symbols of the binary that loads the library are looked up when it is loaded.
    const lookup = process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : []
    const args = [
      '-shared',
      '-fPIC',
      '-Wall',
      '-Wextra',
      '-Werror',
      ...lookup,
      '-I',
      headers as string,
      '-o',
      this.#library,
      SOURCE,
    ]
    const { status, stderr } = spawnSync('cc', args, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`the raw key peer cannot be compiled: ${stderr}`)
  }

  start({ role, port, key = '', expected = '', connections = 1 }: RawKeyPeerOptions): RawKeyPeer {
    const script = `process.dlopen({ exports: {} }, ${JSON.stringify(this.#library)})`
    const env = {
      ...process.env,
      PEER_ROLE: role,
      PEER_PORT: String(port ?? 0),
      PEER_KEY: key,
      PEER_EXPECTED: expected,
      PEER_CONNECTIONS: String(connections),
    }
    const child = spawn(node as string, ['-e', script], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    this.#running.add(child)
    child.once('close', () => this.#running.delete(child))
    return new RawKeyPeer(child)
  }

  close(): void {
    for (const child of this.#running) child.kill('SIGKILL')
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

export class RawKeyPeer {
  readonly #ended: Promise<void>
  #output = ''
  #onChange: () => void = () => undefined

  constructor(child: ChildProcess) {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text
      this.#onChange()
    })
    this.#ended = new Promise((resolve) => child.once('close', () => resolve()))
    void this.#ended.then(() => this.#onChange())
  }

  get events(): RawKeyPeerEvent[] {
    const lines = this.#output.split('\n').slice(0, -1)
    return lines.map((line) => JSON.parse(line) as RawKeyPeerEvent)
  }

  /** Where a server listens. */
  async port(): Promise<number> {
    const over = this.#ended.then(() => true)
    for (;;) {
      const listening = this.events.find(({ event }) => event === 'listening')
      if (listening) return Number(listening['port'])
      const changed = new Promise<false>((resolve) => {
        this.#onChange = () => resolve(false)
      })
      if (await Promise.race([over, changed])) throw new Error(`the raw key peer has ended: ${this.#output}`)
    }
  }

  /** Everything it said, once it has played all its connections. */
  async end(): Promise<RawKeyPeerEvent[]> {
    await this.#ended
    return this.events.filter(({ event }) => event !== 'listening')
  }
}
