/**
 * What an idle connection keeps in memory, and whether handshakes cost more the more connections stand open: Trefoil, the
 * running Node's own tls and plain TCP, each end in a process of its own that holds nothing else.
 */
import type { AskedProcess } from '../../processes/askedProcess.js'
import { type StartProcess, withProcesses } from '../../processes/withProcesses.js'
import type { Measure, MeasureOptions } from '../report/sections.js'
import { CERTIFICATE_PROFILE, makeCredentials } from '../stacks/commonGround.js'
import { type Credentials, STACKS, type Stack, type StackSettings } from '../stacks/settings.js'
import type { IdleQuestions } from './child.js'
import type { IdleMeasured, IdlePoint, MemoryResult, MemoryUse } from './result.js'
import { memoryResult, memorySection } from './section.js'

const PROGRAM = new URL('./child.js', import.meta.url)
/** Handshakes that go on at once while connections are opened. */
const PARALLEL = 32
/** Files that a process has open besides its connections, with room to spare. */
const OTHER_FILES = 64

export interface MemoryPlan {
  readonly stacks: readonly Stack[]
  /** Connections open, ascending. */
  readonly counts: readonly number[]
  /** Handshakes before anything is measured, so that code is compiled and pools are filled. */
  readonly warmUp: number
  /** Handshakes of which the cost is taken, at each count. */
  readonly probes: number
}

export const QUICK_PLAN: MemoryPlan = { stacks: STACKS, counts: [1, 1000], warmUp: 150, probes: 100 }
export const FULL_PLAN: MemoryPlan = { stacks: STACKS, counts: [1, 1000, 10_000], warmUp: 500, probes: 500 }

export const measureMemory: Measure<MemoryResult> = async (options) =>
  memorySection(await runMemory(options.quick ? QUICK_PLAN : FULL_PLAN, options))

/** @throws TrefoilError ERR_INTERNAL when an end fails, and the reason of `signal` */
export async function runMemory(
  plan: MemoryPlan,
  { signal, onProgress }: Omit<MeasureOptions, 'quick'> = {},
): Promise<MemoryResult> {
  const credentials = makeCredentials()
  const points: IdlePoint[] = []
  for (const stack of plan.stacks) {
    // One pair at a time: two that are both large would compete for memory.
    points.push(
      ...(await withProcesses(signal, (start) =>
        holdIdle(start, stack, credentials, plan, (count) => onProgress?.(`memory: ${stack}, ${count} connections`)),
      )),
    )
  }
  return memoryResult(CERTIFICATE_PROFILE, credentials.algorithm, points)
}

interface Pair {
  readonly server: AskedProcess<IdleQuestions>
  readonly client: AskedProcess<IdleQuestions>
}

async function holdIdle(
  start: StartProcess,
  stack: Stack,
  credentials: Credentials,
  plan: MemoryPlan,
  onCount: (count: number) => void,
): Promise<IdlePoint[]> {
  const settings: StackSettings = { stack, profile: CERTIFICATE_PROFILE, credentials }
  const child = (role: string) =>
    start<IdleQuestions>({ program: PROGRAM, name: `the ${role} (${stack})`, nodeFlags: ['--expose-gc'] })
  const pair: Pair = { server: child('server'), client: child('client') }
  const { port } = await pair.server.ask('listen', settings)
  await pair.client.ask('aim', { settings, port })
  // Both have it from here.
  const limit = (await pair.server.ask('fileLimit', null)) ?? Number.POSITIVE_INFINITY
  // As many at once as later: what their garbage makes of the heap is no part of a connection.
  await pair.client.ask('openAndClose', { count: plan.warmUp, parallel: PARALLEL })
  await pair.server.ask('held', { count: 0 })
  const base = await memoryOf(pair)
  const points: IdlePoint[] = []
  let open = 0
  for (const connections of plan.counts) {
    onCount(connections)
    if (connections + OTHER_FILES > limit) {
      points.push({ stack, connections, skipped: `a process may have ${limit} files open (ulimit -n)` })
      continue
    }
    await pair.client.ask('open', { count: connections - open, parallel: PARALLEL })
    await pair.server.ask('held', { count: connections })
    open = connections
    const now = await memoryOf(pair)
    const perConnection = (role: 'server' | 'client'): MemoryUse => ({
      rss: (now[role].rss - base[role].rss) / connections,
      heapAndExternal: (now[role].heapAndExternal - base[role].heapAndExternal) / connections,
    })
    const handshake = await probe(pair, connections, plan.probes)
    points.push({
      stack,
      connections,
      process: now,
      server: perConnection('server'),
      client: perConnection('client'),
      handshake,
    })
  }
  return points
}

async function memoryOf({ server, client }: Pair): Promise<Record<'server' | 'client', MemoryUse>> {
  const [ofServer, ofClient] = await Promise.all([server.ask('memory', null), client.ask('memory', null)])
  return { server: ofServer, client: ofClient }
}

/** The cost of a handshake, while `open` connections stand. */
async function probe({ server, client }: Pair, open: number, count: number): Promise<IdleMeasured['handshake']> {
  const cpu = async () => ({ server: await server.ask('cpu', null), client: await client.ask('cpu', null) })
  const before = await cpu()
  await client.ask('openAndClose', { count, parallel: 4 })
  await server.ask('held', { count: open })
  const after = await cpu()
  return { server: (after.server - before.server) / count, client: (after.client - before.client) / count }
}
