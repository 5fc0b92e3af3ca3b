/**
 * The processes that play scenarios: a client, a server and the key managers of both sites, started once, with taps on
 * all that passes between them.
 *
 *     client ──tap── server
 *       │              │
 *      tap            tap
 *       └─ key managers ┘
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fromHex, toHex } from '../../bytes.js'
import { TrefoilError } from '../../errors.js'
import { AskedProcess } from '../../processes/askedProcess.js'
import { readPlainHandshake, type TapedConnection } from '../adversary/index.js'
import type { RecordedRun } from '../model.js'
import { startTap, type Tap } from '../recorder/tap.js'
import type { Setup } from '../scenarios/setup.js'
import type { Hex } from '../trace/trace.js'
import { assembleRun, type Played } from './assembleRun.js'
import { belongingsOf } from './belongings.js'
import { checkPlayed } from './checkPlayed.js'
import type { Requests } from './child.js'
import type { EndFacts } from './facts.js'
import { keyPool } from './keyManagers.js'
import type { Materials } from './materials.js'
import { inTime } from './patience.js'
import type { PlayJob } from './playedEnd.js'
import { scriptOf } from './script.js'

const PROGRAM = new URL('./child.js', import.meta.url)

/** More keys than any run takes. */
const POOL_SIZE = 1000
/** Milliseconds for the key log, which a process writes behind its work. */
const PATIENCE = 20_000

export interface EnsembleOptions {
  readonly materials: Materials
  readonly seed: Uint8Array
}

/** Plays one scenario after the other. */
export class Ensemble {
  readonly #materials: Materials
  readonly #seed: Hex
  /** Holds the key logs of both ends, which are secret while the run lasts. */
  readonly #folder: string
  readonly #client: AskedProcess<Requests>
  readonly #server: AskedProcess<Requests>
  readonly #keyManagers: AskedProcess<Requests>
  /** Known as soon as the key managers are asked for. */
  #delivery: Promise<Delivery> | null = null

  private constructor({ materials, seed }: EnsembleOptions, folder: string) {
    this.#materials = materials
    this.#seed = toHex(seed)
    this.#folder = folder
    // Each removes the folder if this process ends without doing so.
    const start = (name: string, nodeFlags: readonly string[] = []) =>
      new AskedProcess<Requests>({ program: PROGRAM, name, args: [folder], nodeFlags })
    // The ephemeral keys of a key manager's TLS cannot be had; what breaking them would give can.
    this.#client = start('the client', [`--tls-keylog=${this.#keyLogFile('client')}`])
    this.#server = start('the server', [`--tls-keylog=${this.#keyLogFile('server')}`])
    this.#keyManagers = start('the key managers')
  }

  static async start(options: EnsembleOptions): Promise<Ensemble> {
    return new Ensemble(options, await mkdtemp(join(tmpdir(), 'trefoil-rndl-')))
  }

  get pids(): readonly number[] {
    return [this.#client, this.#server, this.#keyManagers].flatMap(({ pid }) => pid ?? [])
  }

  /**
   * @throws TrefoilError ERR_INTERNAL with what Trefoil said in the process where a connection failed, or with what was
   *   otherwise than the setup says
   */
  async record({ name, setup }: { readonly name: string; readonly setup: Setup }): Promise<RecordedRun> {
    const taps: Tap[] = []
    const tap = async (port: number, nameOf: (index: number) => string): Promise<Tap> => {
      const started = await startTap({ port, name: nameOf })
      taps.push(started)
      return started
    }
    try {
      const delivery = setup.qkd === 'off' ? null : await this.#startKeyManagers()
      if (delivery !== null && setup.keyManagerDown) await this.#setFault('down')
      const keyManager = async (end: 'client' | 'server'): Promise<string | null> => {
        if (delivery === null) return null
        const { port } = await tap(
          delivery.ports[end],
          (i) => `key delivery to the ${end}${i === 0 ? '' : ` ${i + 1}`}`,
        )
        return `https://127.0.0.1:${port}`
      }
      const job = async (end: 'client' | 'server'): Promise<PlayJob> => ({
        setup,
        materials: this.#materials,
        seed: this.#seed,
        keyManager: await keyManager(end),
      })
      const script = scriptOf(setup, fromHex(this.#seed))
      const { port } = await this.#server.ask('serve', await job('server'))
      const wire = await tap(port, (i) => script.connections[i]?.name ?? `extra ${i}`)
      const visit = this.#client.ask('visit', { job: await job('client'), port: wire.port })
      const [client, server] = await inTime(Promise.all([visit, this.#server.ask('served', null)]))
      await Promise.all(taps.map((each) => each.idle()))
      // Sessions first: they are what is at stake.
      const tape = [...wire.tape, ...taps.filter((each) => each !== wire).flatMap((each) => each.tape)]
      const qkdPool = usedKeys(client, delivery)
      const played: Played = {
        scenario: name,
        script,
        belongings: belongingsOf(setup, this.#materials),
        tape,
        client,
        server,
        qkdPool,
        delivery: qkdPool.size === 0 ? null : { keyLog: await this.#keyLog(tape.slice(wire.tape.length)) },
      }
      checkPlayed(played, setup)
      return assembleRun(played)
    } finally {
      if (setup.keyManagerDown) await this.#setFault(null).catch(() => {})
      await Promise.all(taps.map((each) => each.close()))
    }
  }

  /** Ends the processes and removes their key logs. */
  async close(): Promise<void> {
    await Promise.all([this.#client, this.#server, this.#keyManagers].map((child) => child.stop()))
    await rm(this.#folder, { recursive: true, force: true })
  }

  #startKeyManagers(): Promise<Delivery> {
    const job = { delivery: this.#materials.delivery, seed: this.#seed }
    this.#delivery ??= this.#keyManagers
      .ask('keyManagers', job)
      .then((ports) => ({ ports, pool: keyPool(this.#seed, POOL_SIZE) }))
    return this.#delivery
  }

  #setFault(fault: 'down' | null): Promise<null> {
    return this.#keyManagers.ask('fault', { site: 'client', fault })
  }

  /** The key logs of both ends, once all handshakes on the tape are in them. */
  async #keyLog(tape: readonly TapedConnection[]): Promise<string> {
    const randoms = tape.flatMap((connection) => readPlainHandshake(connection)?.clientRandom.toString('hex') ?? [])
    const isComplete = (log: string) =>
      randoms.every((random) => LOGGED.every((label) => log.includes(`${label} ${random} `)))
    for (const end = Date.now() + PATIENCE; Date.now() < end; await pause(20)) {
      const logs = await Promise.all(
        (['client', 'server'] as const).map((side) => readFile(this.#keyLogFile(side), 'latin1').catch(() => '')),
      )
      // The last line may not be whole yet.
      const log = logs.map((text) => text.slice(0, text.lastIndexOf('\n') + 1)).join('')
      if (isComplete(log)) return log
    }
    throw new TrefoilError('ERR_INTERNAL', 'the key log of a delivery link did not come in time')
  }

  #keyLogFile(end: 'client' | 'server'): string {
    return join(this.#folder, `${end}.keylog`)
  }
}

interface Delivery {
  readonly ports: Readonly<Record<'client' | 'server', number>>
  readonly pool: ReadonlyMap<string, Hex>
}

/** RFC 9850, as an adversary needs them. */
const LOGGED = [
  'CLIENT_HANDSHAKE_TRAFFIC_SECRET',
  'SERVER_HANDSHAKE_TRAFFIC_SECRET',
  'CLIENT_TRAFFIC_SECRET_0',
  'SERVER_TRAFFIC_SECRET_0',
]

/** Those of the pool that were delivered in this run. */
function usedKeys(client: EndFacts, delivery: Delivery | null): Map<string, Hex> {
  const used = new Map<string, Hex>()
  for (const { protection } of client.connections) {
    if (protection.qkd === null) continue
    const { keyId } = protection.qkd
    const key = delivery?.pool.get(keyId)
    if (key === undefined) throw new TrefoilError('ERR_INTERNAL', 'a key was used that the key managers never had')
    used.set(keyId, key)
  }
  return used
}
