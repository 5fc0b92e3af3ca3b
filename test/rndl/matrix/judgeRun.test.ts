/** The matrix over a handful of scenarios, and over mistakes made on purpose. */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { CONTROLS, type Control, withLabels } from '../../../src/rndl/controls/index.js'
import { makeMaterials, recordRun } from '../../../src/rndl/endpoints/index.js'
import { minimalLeaks } from '../../../src/rndl/graph/index.js'
import { judgeScenario } from '../../../src/rndl/judgeScenario.js'
import { leaks } from '../../../src/rndl/leakSets.js'
import { disagreements, judgeRun } from '../../../src/rndl/matrix/index.js'
import type { Claim, RecordedRun } from '../../../src/rndl/model.js'
import { SCENARIOS, type Scenario } from '../../../src/rndl/scenarios/index.js'

const seed = new Uint8Array(32).fill(6)
const materials = makeMaterials(seed)
const named = (name: string): Scenario => SCENARIOS.find((scenario) => scenario.name === name) as Scenario
const record = (scenario: Scenario): Promise<RecordedRun> => recordRun(scenario, { materials, seed })

describe('the matrix', () => {
  it.each(['psk-raw', 'qkd', 'certificate-classical', 'psk-qkd-resumed'])(
    'finds graph, claim and adversary of one mind: %s',
    async (name) => {
      const scenario = named(name)
      const done: number[] = []
      const progress = (fraction: number) => done.push(fraction)
      const { report, falseAlarms } = await judgeScenario(scenario, await record(scenario), progress)
      expect(falseAlarms).toEqual([])
      expect(disagreements(report.things)).toBe(0)
      expect(report.things.length).toBeGreaterThan(2)
      for (const { cells, achieved, predicted, claimed } of report.things) {
        expect(cells).toHaveLength(2 ** report.leaks.length)
        // Nothing leaked, everything leaked.
        expect([cells.at(0)?.achieved, cells.at(-1)?.achieved]).toEqual([false, true])
        expect(achieved.length).toBeGreaterThan(0)
        expect([predicted, claimed]).toEqual([achieved, achieved])
      }
      expect(done).toEqual([...done].sort((a, b) => a - b))
      expect(report.tapedOctets).toBeGreaterThan(2000)
      expect(JSON.parse(JSON.stringify(report))).toEqual(report)
    },
  )

  it('sees a claim that promises too much, and one that promises too little', async () => {
    const scenario = named('psk-raw')
    const run = await record(scenario)
    const predicted = minimalLeaks(run)
    const judged = async (claim: Claim) => disagreements((await judgeRun(run, { claim, predicted })).things)
    expect(await judged(scenario.claim)).toBe(0)
    expect(await judged({ ...scenario.claim, request: [] })).toBeGreaterThan(0)
    expect(await judged({ ...scenario.claim, request: leaks('curve') })).toBeGreaterThan(0)
    expect(await judged({ ...scenario.claim, exporter: leaks('memory') })).toBeGreaterThan(0)
  })

  it('sees a graph that is wrong', async () => {
    const scenario = named('psk-raw')
    const run = await record(scenario)
    const predicted = new Map([...minimalLeaks(run)].map(([key]) => [key, leaks('authPsk')]))
    expect(disagreements((await judgeRun(run, { claim: scenario.claim, predicted })).things)).toBeGreaterThan(0)
  })

  it('sees an adversary who gets less, and one who gets more', async () => {
    const scenario = named('psk-raw')
    const run = await record(scenario)
    const options = { claim: scenario.claim, predicted: minimalLeaks(run) }
    const silent = { ...run, tape: run.tape.map((taped) => ({ ...taped, segments: taped.segments.slice(0, 2) })) }
    expect(disagreements((await judgeRun(silent, options)).things)).toBeGreaterThan(0)
    // The key exchange is on offer with every leak.
    const broken = run.leaks.find(({ leak }) => leak === 'curve')?.values ?? {}
    const mlkem = run.leaks.find(({ leak }) => leak === 'decapsulationKey')?.values ?? {}
    const generous = run.leaks.map((leaked) => ({ ...leaked, values: { ...broken, ...mlkem, ...leaked.values } }))
    expect(disagreements((await judgeRun({ ...run, leaks: generous }, options)).things)).toBeGreaterThan(0)
  })

  it('sees an exporter that leaves its context out', async () => {
    const scenario = named('psk-raw')
    const empty = new Uint8Array(createHash('sha384').digest())
    const sabotage = withLabels(['exporter'], (use, { expand }) => expand(use, { context: empty }))
    const run = await recordRun(scenario, { materials, seed, hooks: sabotage() })
    const { report } = await judgeScenario(scenario, run)
    expect(report.things.filter((thing) => disagreements([thing]) > 0).map(({ name }) => name)).toEqual(['exporter'])
  })

  it.each([
    ['mixed-by-hand', ['unexplained input']],
    ['one-key-both-ways', ['nonce reuse', 'shared key']],
  ])('raises an alarm in any scenario for what no claim is about: %s', async (name, alarms) => {
    const scenario = named('psk-qkd')
    const { sabotage } = CONTROLS.find((control) => control.name === name) as Control
    const run = await recordRun(scenario, { materials, seed, hooks: sabotage() })
    const { falseAlarms } = await judgeScenario(scenario, run)
    expect(falseAlarms.map(({ check }) => check)).toEqual(alarms)
    for (const { finding } of falseAlarms) expect(finding).toMatch(/^psk-qkd: /)
  })

  it('does not take a missing prediction for one that nothing opens it', async () => {
    const scenario = named('psk-raw')
    const judged = judgeRun(await record(scenario), { claim: scenario.claim, predicted: new Map() })
    await expect(judged).rejects.toThrow('nothing is predicted for request')
  })

  it('refuses claims about nothing', async () => {
    const scenario = named('psk-raw')
    const run = await record(scenario)
    const predicted = minimalLeaks(run)
    const { request: _, ...less } = scenario.claim
    await expect(judgeRun(run, { claim: less, predicted })).rejects.toThrow('nothing is claimed for request')
    const other = { ...scenario.claim, request: leaks('qkdKeys') }
    await expect(judgeRun(run, { claim: other, predicted })).rejects.toThrow('qkdKeys is worth nothing here')
  })
})
