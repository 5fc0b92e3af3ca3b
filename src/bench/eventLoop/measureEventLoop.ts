/**
 * What handshakes do to the event loop: how late timers come at a server while many clients knock at once, and how long
 * a single handshake keeps the loop from turning. Server and clients in a process each.
 */
import { withProcesses } from '../../processes/withProcesses.js'
import type { Measure, MeasureOptions } from '../report/sections.js'
import { quantile } from '../spread.js'
import { makeCredentials } from '../stacks/commonGround.js'
import type { Credentials, StackSettings } from '../stacks/settings.js'
import { type StormCase, stormCases } from './cases.js'
import type { StormQuestions } from './child.js'
import type { EventLoopResult, StormResult, Stretches } from './result.js'
import { eventLoopSection } from './section.js'

const PROGRAM = new URL('./child.js', import.meta.url)
/** ms, of one stretch: the most that a handshake should hold the loop. */
const LIMIT = 5

export interface EventLoopPlan {
  readonly cases: readonly StormCase[]
  /** Handshakes before the storm, in the storm, and one at a time. */
  readonly warmUp: number
  readonly storm: number
  readonly single: number
  /** How many go on at once in the storm. */
  readonly parallel: number
}

export const quickPlan = (): EventLoopPlan => ({
  cases: stormCases({ quick: true }),
  warmUp: 20,
  storm: 80,
  single: 25,
  parallel: 64,
})
export const fullPlan = (): EventLoopPlan => ({
  cases: stormCases({ quick: false }),
  warmUp: 300,
  storm: 2000,
  single: 500,
  parallel: 64,
})

export const measureEventLoop: Measure<EventLoopResult> = async (options) =>
  eventLoopSection(await runEventLoop(options.quick ? quickPlan() : fullPlan(), options))

/** @throws TrefoilError ERR_INTERNAL when an end fails, and the reason of `signal` */
export async function runEventLoop(
  plan: EventLoopPlan,
  { signal, onProgress }: Omit<MeasureOptions, 'quick'> = {},
): Promise<EventLoopResult> {
  const made = new Map<string, Credentials>()
  const storms: StormResult[] = []
  for (const each of plan.cases) {
    const credentials = made.get(each.algorithm) ?? makeCredentials(each.algorithm)
    made.set(each.algorithm, credentials)
    onProgress?.(`event loop: ${each.stack}, ${each.name}`)
    storms.push(await storm(each, credentials, plan, signal))
  }
  return { parallel: plan.parallel, storms }
}

function storm(
  { name, algorithm: _, ...own }: StormCase,
  credentials: Credentials,
  { warmUp, storm: handshakes, single, parallel }: EventLoopPlan,
  signal: AbortSignal | undefined,
): Promise<StormResult> {
  const settings: StackSettings = { ...own, credentials }
  return withProcesses(signal, async (start) => {
    const server = start<StormQuestions>({ program: PROGRAM, name: `the server (${own.stack}, ${name})` })
    const clients = start<StormQuestions>({ program: PROGRAM, name: `the clients (${own.stack}, ${name})` })
    const { port } = await server.ask('listen', settings)
    await clients.ask('aim', { settings, port })
    await clients.ask('storm', { count: warmUp, parallel })
    await server.ask('watchDelay', null)
    const seconds = await clients.ask('storm', { count: handshakes, parallel })
    const { cpuMicroseconds, ...serverDelay } = await server.ask('delay', null)
    await Promise.all([server, clients].map((end) => end.ask('watchStretches', null)))
    await clients.ask('storm', { count: single, parallel: 1 })
    return {
      name,
      stack: own.stack,
      handshakes,
      handshakesPerSecond: handshakes / seconds,
      serverDelay,
      serverCpuPerHandshake: cpuMicroseconds / handshakes,
      serverStretch: summary(await server.ask('stretches', null)),
      clientStretch: summary(await clients.ask('stretches', null)),
    }
  })
}

function summary(stretches: readonly number[]): Stretches {
  return {
    p50: quantile(stretches, 0.5),
    p99: quantile(stretches, 0.99),
    max: quantile(stretches, 1),
    over5: stretches.filter((stretch) => stretch > LIMIT).length,
    handshakes: stretches.length,
  }
}
