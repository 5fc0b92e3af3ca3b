/** What is said of one recorded scenario: graph, claim and adversary over every subset of leaks, and the graph drawn. */
import { sentBy } from './adversary/index.js'
import { alarmsOf } from './alarms.js'
import { derivationGraph, minimalLeaks, picture } from './graph/index.js'
import { judgeRun } from './matrix/judgeRun.js'
import type { Claim, RecordedRun } from './model.js'
import type { FalseAlarm, ScenarioReport } from './report.js'

export interface Judged {
  readonly name: string
  readonly title: string
  readonly mode: string
  readonly claim: Claim
}

export interface Verdict {
  readonly report: ScenarioReport
  /** What the checks that need no claim found. */
  readonly falseAlarms: readonly FalseAlarm[]
}

/** @param onProgress called with the fraction that is done, now and then */
export async function judgeScenario(
  { name, title, mode, claim }: Judged,
  run: RecordedRun,
  onProgress?: (done: number) => void,
): Promise<Verdict> {
  const graph = derivationGraph(run)
  const session = run.protections?.at(-1)
  const { leaks, things } = await judgeRun(run, { claim, predicted: minimalLeaks(run, graph), onProgress })
  const report = {
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
  return { report, falseAlarms: alarmsOf(run, graph) }
}
