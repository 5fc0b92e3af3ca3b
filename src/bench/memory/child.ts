/** An end of many idle connections: the server holds what comes, the client opens them. Needs `--expose-gc`. */
import { setTimeout as pause } from 'node:timers/promises'
import { answerQuestions } from '../../processes/questions.js'
import type { End } from '../stacks/end.js'
import { closeAbruptly, keepReading, type Openings, repeat } from '../stacks/handshakes.js'
import { connectorTo, listen } from '../stacks/open.js'
import type { StackSettings } from '../stacks/settings.js'
import type { MemoryUse } from './result.js'

export type IdleQuestions = {
  readonly listen: { readonly ask: StackSettings; readonly answer: { readonly port: number } }
  readonly aim: { readonly ask: { readonly settings: StackSettings; readonly port: number }; readonly answer: null }
  /** Opens so many more, some at the same time. */
  readonly open: { readonly ask: Openings; readonly answer: null }
  /** Opens so many one after the other and closes each. */
  readonly openAndClose: { readonly ask: Openings; readonly answer: null }
  /** Answered when exactly so many are held. */
  readonly held: { readonly ask: { readonly count: number }; readonly answer: null }
  /** After collecting garbage. */
  readonly memory: { readonly ask: null; readonly answer: MemoryUse }
  /** User and system time of the process so far, in µs. */
  readonly cpu: { readonly ask: null; readonly answer: number }
  /** How many files the process may have open, or null when that cannot be told. */
  readonly fileLimit: { readonly ask: null; readonly answer: number | null }
}

const held = new Set<End>()
let connect: () => Promise<End> = () => Promise.reject(new Error('there is no server to connect to'))

answerQuestions<IdleQuestions>({
  async listen(settings) {
    return { port: (await listen(settings, hold)).port }
  },
  async aim({ settings, port }) {
    connect = await connectorTo(settings, port)
    return null
  },
  async open(openings) {
    await repeat(openings, async () => hold(await connect()))
    return null
  },
  async openAndClose(openings) {
    await repeat(openings, async () => {
      const end = await connect()
      hold(end)
      await closeAbruptly(end)
    })
    return null
  },
  async held({ count }) {
    while (held.size !== count) await pause(5)
    return null
  },
  memory: measureMemory,
  cpu() {
    const { user, system } = process.cpuUsage()
    return user + system
  },
  fileLimit,
})

function hold(end: End): void {
  held.add(end)
  end.once('close', () => held.delete(end))
  keepReading(end)
}

/** Finalizers and the native memory that they free come some turns after the collection. */
async function measureMemory(): Promise<MemoryUse> {
  if (globalThis.gc === undefined) throw new Error('the process was started without --expose-gc')
  for (let i = 0; i < 4; i++) {
    globalThis.gc()
    await pause(10)
  }
  const { rss, heapUsed, external } = process.memoryUsage()
  return { rss, heapAndExternal: heapUsed + external }
}

/** Node raises its own soft limit as far as the hard one lets it, so no shell can tell it. */
function fileLimit(): number | null {
  const report = process.report.getReport() as unknown as { userLimits?: { open_files?: { soft: number | string } } }
  const soft = report.userLimits?.open_files?.soft
  return typeof soft === 'number' ? soft : null
}
