/** One mode on one provider: the floor, our core, our sockets and node:tls in turn. */
import type { CryptoProvider } from '../../crypto/provider.js'
import { makeFloor } from '../floor/floor.js'
import { floorPlan } from '../floor/plan.js'
import { type Observation, observe } from '../meter/observe.js'
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
  readonly nodeTls: Spread | null
  /** Medians, split as the sides took turns. */
  readonly floorSides: Sides
  readonly coreSides: Sides
  readonly ratios: {
    readonly coreToFloor: Spread
    readonly streamsToFloor: Spread
    readonly streamsToNodeTls: Spread | null
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
  const observation = await observe(mode, provider)
  const floor = makeFloor(floorPlan(mode, observation), provider)
  const core = new CoreEnds(mode, endsOf(mode, provider))
  const ours = await StreamEnds.ours(mode, endsOf(mode, provider))
  const node = provider.name === 'node' ? await StreamEnds.node(mode) : null
  const floorShares = new Shares()
  const coreShares = new Shares()
  const { batch } = options
  const contestants: Contestant[] = [
    { name: 'floor', batch, run: floorShares.run((turn) => floor(turn)) },
    { name: 'core', batch, run: coreShares.run((onTurn) => core.run({ onTurn })) },
    { name: 'streams', batch, run: (count) => repeat(count, () => ours.run()), afterBatch: () => ours.clean() },
  ]
  if (node !== null) {
    contestants.push({
      name: 'node:tls',
      batch,
      run: (count) => repeat(count, () => node.run()),
      afterBatch: () => node.clean(),
    })
  }
  const measured = await measureRounds(contestants, options)
  const of = (name: string): readonly number[] => measured.get(name) ?? []
  const nodeTls = node === null ? null : of('node:tls')
  const result = {
    mode: mode.name,
    description: mode.description,
    provider: provider.name,
    floor: spreadOf(of('floor')),
    core: spreadOf(of('core')),
    streams: spreadOf(of('streams')),
    nodeTls: nodeTls && spreadOf(nodeTls),
    floorSides: floorShares.of(median(of('floor'))),
    coreSides: coreShares.of(median(of('core'))),
    ratios: {
      coreToFloor: ratioOf(of('core'), of('floor')),
      streamsToFloor: ratioOf(of('streams'), of('floor')),
      streamsToNodeTls: nodeTls && ratioOf(of('streams'), nodeTls),
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
