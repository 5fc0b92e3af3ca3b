/** What is said of one recorded scenario: graph, claim and adversary over every subset of leaks, and the graph drawn. */
import { sentBy } from './adversary/index.js'
import { derivationGraph, minimalLeaks, picture } from './graph/index.js'
import { judgeRun } from './matrix/judgeRun.js'
import type { Claim, RecordedRun } from './model.js'
import type { ScenarioReport } from './report.js'

export interface Judged {
  readonly name: string
  readonly title: string
  readonly mode: string
  readonly claim: Claim
}

/** @param onProgress called with the fraction that is done, now and then */
export async function judgeScenario(
  { name, title, mode, claim }: Judged,
  run: RecordedRun,
  onProgress?: (done: number) => void,
): Promise<ScenarioReport> {
  const graph = derivationGraph(run)
  const session = run.protections?.at(-1)
  const { leaks, things } = await judgeRun(run, { claim, predicted: minimalLeaks(run, graph), onProgress })
  return {
    name,
    title,
    mode,
    cipherSuite: session?.cipher ?? '',
    group: session?.keyExchange.group ?? '',
    tapedOctets: run.tape.reduce((sum, tape) => sum + sentBy(tape, 'client').length + sentBy(tape, 'server').length, 0),
    leaks,
    things,
    graph: picture(run, graph),
  }
}
