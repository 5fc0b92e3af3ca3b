/** One mode on one provider: the floor, our core, our sockets and node:tls in turn. */
import type { CryptoProvider } from '../../crypto/provider.js'
import { makeFloor } from '../floor/floor.js'
import { floorPlan } from '../floor/plan.js'
import { type Observation, observe } from '../meter/observe.js'
import { evenOut, meanSignature, SigningMeter } from '../meter/signingMeter.js'
import { type Contestant, measureRounds } from '../rounds.js'
import { median, ratioOf, type Spread, spreadOf } from '../spread.js'
import { StopWatch, totalOf } from '../steps/stopWatch.js'
import { CoreEnds } from './coreHandshake.js'
import { endsOf } from './ends.js'
import type { Mode } from './modes.js'
import { StreamEnds } from './streamHandshake.js'

export interface Sides {
  readonly client: number
  readonly server: number
}

export interface ContestResult {
  readonly mode: string
  readonly description: string
  readonly provider: string
  /** Microseconds of processor time for one handshake, both sides together. */
  readonly floor: Spread
  readonly core: Spread
  readonly streams: Spread
  /** Null where the running Node has no such handshake. */
  readonly nodeTls: Spread | null
  /** Both with a context of its own for each connection of the client; null like `nodeTls`. */
  readonly anew: { readonly streams: Spread; readonly nodeTls: Spread } | null
  /** Medians, split as the sides took turns. */
  readonly floorSides: Sides
  readonly coreSides: Sides
  readonly ratios: {
    readonly coreToFloor: Spread
    readonly streamsToFloor: Spread
    readonly streamsToNodeTls: Spread | null
    /** With contexts made anew. */
    readonly anewToNodeTls: Spread | null
  }
  /** Tickets that a handshake brings: ours, and those that node:tls shows its client. */
  readonly tickets: { readonly ours: number; readonly nodeTls: number | null }
}

export interface ContestOptions {
  readonly rounds: number
  readonly batch: number
  readonly warmUp: number
  readonly signal?: AbortSignal | undefined
}

export interface Contest {
  readonly result: ContestResult
  readonly observation: Observation
}

export async function holdContest(mode: Mode, provider: CryptoProvider, options: ContestOptions): Promise<Contest> {
  const { batch } = options
  const observation = await observe(mode, provider)
  const signing = {
    floor: new SigningMeter(provider),
    core: new SigningMeter(provider),
    streams: new SigningMeter(provider),
    anew: new SigningMeter(provider),
  }
  const floor = makeFloor(floorPlan(mode, observation), signing.floor.provider)
  const core = new CoreEnds(mode, endsOf(mode, signing.core.provider))
  const ours = await StreamEnds.ours(mode, endsOf(mode, signing.streams.provider), 'kept')
  const node = provider.name === 'node' ? await StreamEnds.node(mode, 'kept') : null
  // What remembers no chain is a context that is kept.
  const peerAnew = mode.verifiedAnew === true ? null : node
  const anew = peerAnew && (await StreamEnds.ours(mode, endsOf(mode, signing.anew.provider), 'anew'))
  const nodeAnew = peerAnew && (await StreamEnds.node(mode, 'anew'))
  const shares = { floor: new Shares(), core: new Shares() }
  const runs = {
    floor: shares.floor.run((turn) => floor(turn)),
    core: shares.core.run((onTurn) => core.run({ onTurn })),
    streams: (count: number) => repeat(count, () => ours.run()),
  }
  const own = (['floor', 'core', 'streams'] as const).map((name): Contestant => {
    const afterBatch = name === 'streams' ? { afterBatch: () => ours.clean() } : {}
    return { name, batch, run: (count) => signing[name].during(() => runs[name](count)), ...afterBatch }
  })
  const asMeasured = (name: string, ends: StreamEnds | null, run: (count: number) => Promise<void>): Contestant[] =>
    ends === null ? [] : [{ name, batch, run, afterBatch: () => ends.clean() }]
  const peers = [
    ...asMeasured('node:tls', node, (count) => repeat(count, () => node?.run())),
    ...asMeasured('anew', anew, (count) => signing.anew.during(() => repeat(count, () => anew?.run()))),
    ...asMeasured('node:tls anew', nodeAnew, (count) => repeat(count, () => nodeAnew?.run())),
  ]
  const measured = await measureRounds([...own, ...peers], options)

  const signed = (name: keyof typeof signing) => signing[name].batches.slice(options.warmUp)
  const mean = meanSignature([...signed('floor'), ...signed('core'), ...signed('streams'), ...signed('anew')])
  const of = (name: keyof typeof signing) => evenOut(measured.get(name) ?? [], signed(name), batch, mean)
  const times = { floor: of('floor'), core: of('core'), streams: of('streams') }
  const nodeTls = measured.get('node:tls') ?? null
  const nodeTlsAnew = measured.get('node:tls anew') ?? null
  const streamsAnew = nodeTlsAnew && of('anew')
  const result = {
    mode: mode.name,
    description: mode.description,
    provider: provider.name,
    floor: spreadOf(times.floor),
    core: spreadOf(times.core),
    streams: spreadOf(times.streams),
    nodeTls: nodeTls && spreadOf(nodeTls),
    anew: streamsAnew && nodeTlsAnew && { streams: spreadOf(streamsAnew), nodeTls: spreadOf(nodeTlsAnew) },
    floorSides: shares.floor.of(median(times.floor)),
    coreSides: shares.core.of(median(times.core)),
    ratios: {
      coreToFloor: ratioOf(times.core, times.floor),
      streamsToFloor: ratioOf(times.streams, times.floor),
      streamsToNodeTls: nodeTls && ratioOf(times.streams, nodeTls),
      anewToNodeTls: streamsAnew && nodeTlsAnew && ratioOf(streamsAnew, nodeTlsAnew),
    },
    tickets: { ours: ours.tickets, nodeTls: node?.tickets ?? null },
  }
  return { result, observation }
}

/** How the time of the batches divides between the sides. */
class Shares {
  readonly #ofClient: number[] = []

  run(one: (onTurn: StopWatch['turn']) => unknown): Contestant['run'] {
    return async (count) => {
      const watch = new StopWatch()
      await repeat(count, () => one(watch.turn))
      const [client, server] = [totalOf(watch.timesOf('client')), totalOf(watch.timesOf('server'))]
      this.#ofClient.push(client / (client + server))
    }
  }

  of(total: number): Sides {
    const share = median(this.#ofClient)
    return { client: total * share, server: total * (1 - share) }
  }
}

async function repeat(count: number, one: () => unknown): Promise<void> {
  for (let i = 0; i < count; i++) await one()
}
