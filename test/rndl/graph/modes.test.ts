import { describe, expect, it } from 'vitest'
import { makeMaterials, recordRun } from '../../../src/rndl/endpoints/index.js'
import { minimalLeaks, nonceReuse, sharedKeys, thingKey, unexplained } from '../../../src/rndl/graph/index.js'
import { minimal } from '../../../src/rndl/leakSets.js'
import type { LeakName, RecordedRun } from '../../../src/rndl/model.js'
import { SCENARIOS } from '../../../src/rndl/scenarios/index.js'

const SEED = new Uint8Array(32).fill(0x47)
const materials = makeMaterials(SEED, ['mldsa44', 'ecdsa-p256'])

describe('the graph of a session over real sockets', () => {
  it.each(SCENARIOS)('$title: says what the documents say, and leaves nothing unexplained', async (scenario) => {
    const run = await recordRun(scenario, { materials, seed: SEED })
    const sets = minimalLeaks(run)
    expect(run.things.length).toBeGreaterThan(2)
    for (const thing of run.things) {
      const claimed = possible(scenario.claim[thing.name] ?? [], run)
      expect([thing.name, sets.get(thingKey(thing))]).toEqual([thing.name, minimal(claimed)])
    }
    expect([unexplained(run), nonceReuse(run.trace), sharedKeys(run)]).toEqual([[], [], []])
  })
})

/** Claims speak of links on which keys were delivered, too: these runs have none. */
function possible(sets: readonly (readonly LeakName[])[], run: RecordedRun) {
  const leaks = new Set(run.leaks.map(({ leak }) => leak))
  return sets.filter((set) => set.every((leak) => leaks.has(leak)))
}
