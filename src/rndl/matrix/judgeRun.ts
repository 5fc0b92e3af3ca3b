/**
 * One run against every subset of what could leak of it: what its derivation graph predicts, what the documents claim,
 * and what the adversary gets from the recorded bytes.
 */
import { setImmediate as otherWork } from 'node:timers/promises'
import { attack } from '../adversary/index.js'
import { thingKey } from '../graph/index.js'
import { fromBits, minimal, minimalBits, opens, toBits } from '../leakSets.js'
import type { Claim, LeakName, MinimalLeakSets, ProtectedThing, ProtectedThingName, RecordedRun } from '../model.js'
import type { Cell, ThingReport } from '../report.js'
import { isAchieved } from './achieved.js'
import { mergeLeaks } from './mergeLeaks.js'

export interface Judgement {
  /** Bit i of a subset stands for the i-th. */
  readonly leaks: readonly LeakName[]
  readonly things: readonly ThingReport[]
}

export interface JudgeOptions {
  readonly claim: Claim
  /** What the derivation graph says of each thing, by `thingKey`. */
  readonly predicted: ReadonlyMap<string, MinimalLeakSets>
  /** Called with the fraction of the subsets that are done, now and then. */
  readonly onProgress?: ((done: number) => void) | undefined
}

/** Subsets between two breaths, in which the next scenario may go on being played. */
const STRIDE = 16

export async function judgeRun(run: RecordedRun, { claim, predicted, onProgress }: JudgeOptions): Promise<Judgement> {
  const leaks = run.leaks.map(({ leak }) => leak)
  const subsets = 2 ** leaks.length
  const columns = run.things.map((thing) => ({
    thing,
    predicted: predictedBits(predicted, thing, leaks),
    claimed: claimedBits(claim, thing.name, leaks),
    cells: [] as Cell[],
  }))
  for (let subset = 0; subset < subsets; subset++) {
    const handed = mergeLeaks(run.leaks.filter((_, i) => (subset & (1 << i)) !== 0))
    const opened = attack(run.tape, handed)
    for (const column of columns) {
      column.cells.push({
        predicted: opens(column.predicted, subset),
        claimed: opens(column.claimed, subset),
        achieved: isAchieved(column.thing, opened, handed),
      })
    }
    if (subset % STRIDE !== STRIDE - 1) continue
    onProgress?.((subset + 1) / subsets)
    await otherWork()
  }
  const named = (sets: Iterable<number>): MinimalLeakSets =>
    minimal(minimalBits(sets).map((set) => fromBits(set, leaks)))
  return {
    leaks,
    things: columns.map(({ thing, cells, ...column }) => ({
      ...nameOf(thing),
      predicted: named(column.predicted),
      claimed: named(column.claimed),
      achieved: named(cells.flatMap((cell, subset) => (cell.achieved ? [subset] : []))),
      cells,
    })),
  }
}

/** Cells in which graph, claim and adversary do not all say the same. */
export function disagreements(things: readonly ThingReport[]): number {
  return things
    .flatMap(({ cells }) => cells)
    .filter(({ predicted, claimed, achieved }) => predicted !== claimed || claimed !== achieved).length
}

function nameOf({ name, connection }: ProtectedThing) {
  return { name, connection }
}

function predictedBits(
  predicted: JudgeOptions['predicted'],
  thing: ProtectedThing,
  leaks: readonly LeakName[],
): number[] {
  const sets = predicted.get(thingKey(thing))
  // Not the same as a prediction that nothing opens it.
  if (sets === undefined) throw new RangeError(`nothing is predicted for ${thing.name}`)
  return sets.map((set) => toBits(set, leaks))
}

/** A claim may name a link that this run did not have; a claim about nothing is a mistake in the table. */
function claimedBits(claim: Claim, thing: ProtectedThingName, leaks: readonly LeakName[]): number[] {
  const sets = claim[thing]
  if (sets === undefined) throw new RangeError(`nothing is claimed for ${thing}`)
  return sets
    .filter((set) => leaks.includes('deliveryLink') || !set.includes('deliveryLink'))
    .map((set) => toBits(set, leaks))
}
