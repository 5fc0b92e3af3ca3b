/**
 * Plays a scenario in this process, over real sockets with a tap between them, and gives everything that is then known of
 * it. What the ends are may be changed on the way: that is how endpoints are broken on purpose, and how anybody's own
 * configuration is tried.
 */
import { type CryptoProvider, defaultProvider } from '../../crypto/index.js'
import type { ConnectionOptions, ServerOptions } from '../../node/options.js'
import type { KeySource } from '../../qkd/index.js'
import type { TapedConnection } from '../adversary/index.js'
import type { RecordedRun } from '../model.js'
import { startTap } from '../recorder/tap.js'
import type { Setup } from '../scenarios/setup.js'
import { instrument } from '../trace/instrument.js'
import { seededRandom } from '../trace/seededRandom.js'
import type { TraceStep } from '../trace/trace.js'
import { assembleRun, type Played } from './assembleRun.js'
import { belongingsOf } from './belongings.js'
import { checkPlayed } from './checkPlayed.js'
import type { EndFacts } from './facts.js'
import type { Materials } from './materials.js'
import { clientOptions, serverOptions } from './options.js'
import { inTime } from './patience.js'
import { playClient } from './playClient.js'
import { playServer } from './playServer.js'
import { type Script, scriptOf } from './script.js'
import { knownPair, unreachable } from './sources.js'

export type Side = 'client' | 'server'

/** Ways to change what the ends are made of. Each is called once for either side. */
export interface Hooks {
  /** Around the instrumented provider: what the wrapper has the provider compute is in the trace. */
  readonly wrapProvider?: ((provider: CryptoProvider, side: Side) => CryptoProvider) | undefined
  /** Not called in scenarios without QKD. */
  readonly wrapSource?: ((source: KeySource, side: Side) => KeySource) | undefined
  readonly changeOptions?:
    | (<Options extends ConnectionOptions | ServerOptions>(options: Options, side: Side) => Options)
    | undefined
}

export interface RecordOptions {
  readonly materials: Materials
  /** At least 16 octets. Everything random in the run follows from it, but for the hedging of ML-DSA. */
  readonly seed: Uint8Array
  /** Beneath the instrumentation; default: that of the running Node. */
  readonly provider?: CryptoProvider | undefined
  readonly hooks?: Hooks | undefined
}

/**
 * Rejects with what Trefoil says when a connection fails, and with ERR_INTERNAL when unchanged ends did not do what the
 * setup says: then there is no run.
 */
export async function recordRun(
  { name, setup }: { readonly name: string; readonly setup: Setup },
  { materials, seed, provider = defaultProvider(), hooks }: RecordOptions,
): Promise<RecordedRun> {
  const pair = setup.qkd === 'off' ? null : knownPair(seededRandom(seed, 'key managers'))
  const traces: Record<Side, TraceStep[]> = { client: [], server: [] }
  const means = (side: Side) => {
    const record = (step: TraceStep) => void traces[side].push(step)
    const crypto = instrument(provider, { random: seededRandom(seed, side), record })
    const source =
      pair === null ? null : side === 'client' && setup.keyManagerDown ? unreachable(pair.client) : pair[side]
    return {
      crypto: hooks?.wrapProvider?.(crypto, side) ?? crypto,
      source: source === null ? null : (hooks?.wrapSource?.(source, side) ?? source),
    }
  }
  const changed = <Options extends ConnectionOptions | ServerOptions>(options: Options, side: Side): Options =>
    hooks?.changeOptions?.(options, side) ?? options
  const script = scriptOf(setup, seed)
  const { tape, client, server } = await playBoth(
    script,
    changed(clientOptions(setup, materials, means('client')), 'client'),
    changed(serverOptions(setup, materials, means('server')), 'server'),
    traces,
  )
  const played: Played = {
    scenario: name,
    script,
    belongings: belongingsOf(setup, materials),
    tape,
    client,
    server,
    qkdPool: pair?.pool ?? new Map(),
    delivery: null,
  }
  // Ends that were changed may do otherwise, and be meant to.
  if (hooks === undefined) checkPlayed(played, setup)
  return assembleRun(played)
}

/** The play itself: any two ends that say the lines of the script. */
export async function playBoth(
  script: Script,
  client: ConnectionOptions,
  server: ServerOptions,
  traces: Readonly<Record<Side, TraceStep[]>>,
): Promise<{ tape: readonly TapedConnection[]; client: EndFacts; server: EndFacts }> {
  const playing = await playServer(script, server)
  const tap = await startTap({
    port: playing.port,
    name: (index) => script.connections[index]?.name ?? `extra ${index}`,
  })
  try {
    const ofClient = playClient(script, { ...client, host: '127.0.0.1', port: tap.port })
    // The first failure tells more than the one that follows from it at the other end.
    const [clientConnections, serverConnections] = await inTime(Promise.all([ofClient, playing.finished]))
    await tap.idle()
    return {
      tape: tap.tape,
      client: { connections: clientConnections, trace: traces.client },
      server: { connections: serverConnections, trace: traces.server },
    }
  } finally {
    await tap.close()
    await playing.close()
  }
}
