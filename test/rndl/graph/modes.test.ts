import { describe, expect, it } from 'vitest'
import { makeMaterials, recordRun } from '../../../src/rndl/endpoints/index.js'
import { minimalLeaks, nonceReuse, picture, sharedKeys, thingKey, unexplained } from '../../../src/rndl/graph/index.js'
import { minimal } from '../../../src/rndl/leakSets.js'
import type { LeakName, RecordedRun } from '../../../src/rndl/model.js'
import type { GraphPicture } from '../../../src/rndl/report.js'
import { SCENARIOS } from '../../../src/rndl/scenarios/index.js'

const SEED = new Uint8Array(32).fill(0x47)
const materials = makeMaterials(SEED, ['mldsa44', 'ecdsa-p256'])

describe('the graph of a session over real sockets', () => {
  it.each(SCENARIOS)(
    '$title: says what the documents say, is drawn so, and leaves nothing unexplained',
    async (scenario) => {
      const run = await recordRun(scenario, { materials, seed: SEED })
      const sets = minimalLeaks(run)
      expect(run.things.length).toBeGreaterThan(2)
      for (const thing of run.things) {
        const claimed = possible(scenario.claim[thing.name] ?? [], run)
        expect([thing.name, sets.get(thingKey(thing))]).toEqual([thing.name, minimal(claimed)])
      }
      const drawn = picture(run)
      for (let bits = 0; bits < 2 ** run.leaks.length; bits++) {
        const handed = run.leaks.flatMap(({ leak }, i) => ((bits & (1 << i)) !== 0 ? [leak] : []))
        const opened = run.things.map((thing) =>
          (sets.get(thingKey(thing)) ?? []).some((set) => set.every((leak) => handed.includes(leak))),
        )
        expect([handed, thingsReached(drawn, handed)]).toEqual([handed, opened])
      }
      expect([unexplained(run), nonceReuse(run.trace), sharedKeys(run)]).toEqual([[], [], []])
    },
  )
})

/** Whether the derivations that are drawn lead from these leaks to each thing, in the order of the things. */
function thingsReached({ nodes, derivations }: GraphPicture, handed: readonly LeakName[]): boolean[] {
  const known = new Set(nodes.flatMap(({ id, leak }) => (leak !== undefined && handed.includes(leak) ? [id] : [])))
  for (let size = -1; size < known.size; ) {
    size = known.size
    for (const { output, inputs } of derivations) if (inputs.every((input) => known.has(input))) known.add(output)
  }
  return nodes.flatMap(({ id, kind }) => (kind === 'thing' ? [known.has(id)] : []))
}

/** Claims speak of links on which keys were delivered, too: these runs have none. */
function possible(sets: readonly (readonly LeakName[])[], run: RecordedRun) {
  const leaks = new Set(run.leaks.map(({ leak }) => leak))
  return sets.filter((set) => set.every((leak) => leaks.has(leak)))
}
