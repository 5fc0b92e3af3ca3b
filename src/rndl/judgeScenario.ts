/** What is said of one recorded scenario: graph, claim and adversary over every subset of leaks, and the graph drawn. */
import { sentBy } from './adversary/index.js'
import { derivationGraph, minimalLeaks, picture, thingKey } from './graph/index.js'
import { judgeRun } from './matrix/index.js'
import type { RecordedRun } from './model.js'
import type { ScenarioReport } from './report.js'
import type { Scenario } from './scenarios/index.js'

export async function judgeScenario(
  { name, title, mode, setup, claim }: Scenario,
  run: RecordedRun,
): Promise<ScenarioReport> {
  const graph = derivationGraph(run)
  const sets = minimalLeaks(run, graph)
  const predicted = new Map(run.things.map((thing) => [thing.name, sets.get(thingKey(thing)) ?? []]))
  const { leaks, things } = await judgeRun(run, { claim, predicted })
  return {
    name,
    title,
    mode,
    cipherSuite: setup.cipherSuite,
    group: setup.groups.server[0] ?? '',
    tapedOctets: run.tape.reduce((sum, tape) => sum + sentBy(tape, 'client').length + sentBy(tape, 'server').length, 0),
    leaks,
    things,
    graph: picture(run, graph),
  }
}
