/** One end of a scenario as a process of its own plays it: a key manager over HTTPS, everything out of the job. */
import { fromHex } from '../../bytes.js'
import { defaultProvider } from '../../crypto/index.js'
import { type Etsi014KeySource, etsi014 } from '../../qkd/index.js'
import type { Setup } from '../scenarios/setup.js'
import { instrument } from '../trace/instrument.js'
import { seededRandom } from '../trace/seededRandom.js'
import type { Hex, TraceStep } from '../trace/trace.js'
import type { EndFacts } from './facts.js'
import type { Materials } from './materials.js'
import { clientOptions, type Means, serverOptions } from './options.js'
import { playClient } from './playClient.js'
import { type PlayingServer, playServer } from './playServer.js'
import { scriptOf } from './script.js'

/** What a process is told. Plain JSON. */
export interface PlayJob {
  readonly setup: Setup
  readonly materials: Materials
  readonly seed: Hex
  /** Of the end's own key manager, or the tap before it; null without QKD. */
  readonly keyManager: string | null
}

export interface PlayedServer {
  readonly port: number
  /** Waits for the end of the play. */
  facts(): Promise<EndFacts>
  /** Leaves it where it is. */
  close(): Promise<void>
}

export async function serve(job: PlayJob): Promise<PlayedServer> {
  const { means, trace, close } = prepare(job, 'server')
  let playing: PlayingServer
  try {
    playing = await playServer(scriptOf(job.setup, fromHex(job.seed)), serverOptions(job.setup, job.materials, means))
  } catch (failure) {
    await close()
    throw failure
  }
  return {
    port: playing.port,
    facts: async () => ({ connections: await playing.finished, trace }),
    async close() {
      await playing.close()
      await close()
    },
  }
}

/** @param port of the server, or of the tap before it */
export async function visit(job: PlayJob, port: number): Promise<EndFacts> {
  const { means, trace, close } = prepare(job, 'client')
  try {
    const options = { ...clientOptions(job.setup, job.materials, means), host: '127.0.0.1', port }
    return { connections: await playClient(scriptOf(job.setup, fromHex(job.seed)), options), trace }
  } finally {
    await close()
  }
}

interface Prepared {
  readonly means: Means
  readonly trace: readonly TraceStep[]
  close(): Promise<void>
}

function prepare({ materials, seed, keyManager }: PlayJob, end: 'client' | 'server'): Prepared {
  const trace: TraceStep[] = []
  const crypto = instrument(defaultProvider(), {
    random: seededRandom(fromHex(seed), end),
    record: (step) => void trace.push(step),
  })
  const { delivery } = materials
  const source: Etsi014KeySource | null =
    keyManager === null ? null : etsi014({ url: keyManager, ...delivery.saes[end], ca: delivery.ca })
  return { means: { crypto, source }, trace, close: async () => source?.close() }
}
