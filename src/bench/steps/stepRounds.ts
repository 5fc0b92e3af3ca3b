/** One mode step by step: what the core spends on each, and what the floor does. */
import type { CryptoProvider } from '../../crypto/provider.js'
import { makeFloor } from '../floor/floor.js'
import { floorPlan } from '../floor/plan.js'
import { CoreEnds, type Side } from '../handshakes/coreHandshake.js'
import { endsOf } from '../handshakes/ends.js'
import type { Mode } from '../handshakes/modes.js'
import { meteredProvider } from '../meter/meteredProvider.js'
import { observe } from '../meter/observe.js'
import { quantile } from '../spread.js'
import { mapSteps, type Step, type StepTimes, StopWatch, totalOf } from './stopWatch.js'

/** Microseconds for one handshake. */
export interface SideSteps {
  readonly core: StepTimes
  readonly floor: StepTimes
}

export interface StepResult {
  readonly mode: string
  readonly provider: string
  readonly client: SideSteps
  readonly server: SideSteps
  /** Both sides without the instrument, by the same clock: what it costs is the difference. */
  readonly bare: number
}

export interface StepOptions {
  readonly rounds: number
  readonly batch: number
  readonly warmUp: number
  readonly signal?: AbortSignal | undefined
}

export async function timeSteps(mode: Mode, provider: CryptoProvider, options: StepOptions): Promise<StepResult> {
  const core = new StopWatch()
  const coreProvider = meteredProvider(provider, core.measure)
  const coreEnds = new CoreEnds(mode, endsOf(mode, coreProvider))
  const floor = new StopWatch()
  const runFloor = makeFloor(floorPlan(mode, await observe(mode, provider)), meteredProvider(provider, floor.measure))
  const bare = new StopWatch()
  const setUp = <T>(work: () => T) => core.time('setting up', work)
  const bareEnds = new CoreEnds(mode, endsOf(mode, provider))
  const contestants = [
    timed(core, () => coreEnds.run({ onTurn: core.turn, wrap: core.wrap, aroundSetUp: setUp }), options.batch),
    timed(floor, () => runFloor(floor.turn), options.batch),
    timed(bare, () => bareEnds.run({ onTurn: bare.turn }), options.batch),
  ] as const
  for (let i = 0; i < options.warmUp; i++) for (const { run } of contestants) await run()
  const rounds: [Lap[], Lap[], Lap[]] = [[], [], []]
  for (let i = 0; i < options.rounds; i++) {
    options.signal?.throwIfAborted()
    for (const [place, { run }] of contestants.entries()) rounds[place]?.push(await run())
  }
  const [ofCore, ofFloor, ofBare] = rounds.map(middleMean) as [Lap, Lap, Lap]
  return {
    mode: mode.name,
    provider: provider.name,
    client: { core: ofCore.client, floor: ofFloor.client },
    server: { core: ofCore.server, floor: ofFloor.server },
    bare: lengthOf(ofBare),
  }
}

export type Lap = Readonly<Record<Side, StepTimes>>

function timed(watch: StopWatch, one: () => unknown, batch: number) {
  return {
    async run(): Promise<Lap> {
      const before = { client: watch.timesOf('client'), server: watch.timesOf('server') }
      for (let i = 0; i < batch; i++) await one()
      const since = (side: Side) => {
        const after = watch.timesOf(side)
        return mapSteps((step) => (after[step] - before[side][step]) / batch)
      }
      return { client: since('client'), server: since('server') }
    },
  }
}

/**
 * The mean of the middle half of the rounds, by their length. A mean, so that the steps add up to the whole.
 * @throws RangeError without rounds
 */
export function middleMean(laps: readonly Lap[]): Lap {
  const lengths = laps.map(lengthOf)
  const [low, high] = [quantile(lengths, 0.25), quantile(lengths, 0.75)]
  const middle = laps.filter((lap) => lengthOf(lap) >= low && lengthOf(lap) <= high)
  // Of two or three rounds there may be none between the quartiles.
  const kept = middle.length > 0 ? middle : laps
  const mean = (side: Side) => mapSteps((step: Step) => sum(kept.map((lap) => lap[side][step])) / kept.length)
  return { client: mean('client'), server: mean('server') }
}

function lengthOf({ client, server }: Lap): number {
  return totalOf(client) + totalOf(server)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
