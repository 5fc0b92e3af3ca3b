/** The server of a storm of handshakes, and the process where all its clients are. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { answerQuestions } from '../../processes/questions.js'
import type { End } from '../stacks/end.js'
import { closeAbruptly, keepReading, type Openings, repeat } from '../stacks/handshakes.js'
import { connectorTo, listen } from '../stacks/open.js'
import type { StackSettings } from '../stacks/settings.js'
import type { LoopDelay } from './result.js'
import { StretchWatch } from './stretches.js'

export type StormQuestions = {
  readonly listen: { readonly ask: StackSettings; readonly answer: { readonly port: number } }
  readonly aim: { readonly ask: { readonly settings: StackSettings; readonly port: number }; readonly answer: null }
  /** Opens and closes; answers in seconds. */
  readonly storm: { readonly ask: Openings; readonly answer: number }
  readonly watchDelay: { readonly ask: null; readonly answer: null }
  /** Since `watchDelay`. */
  readonly delay: { readonly ask: null; readonly answer: LoopDelay & { readonly cpuMicroseconds: number } }
  readonly watchStretches: { readonly ask: null; readonly answer: null }
  /** The longest of each handshake since `watchStretches`, in ms. */
  readonly stretches: { readonly ask: null; readonly answer: readonly number[] }
}

/** ms between the samples of the event-loop delay. */
const RESOLUTION = 1
const histogram = monitorEventLoopDelay({ resolution: RESOLUTION })

let connect: () => Promise<End> = () => Promise.reject(new Error('there is no server to connect to'))
let cpu = process.cpuUsage()
let stretches = new StretchWatch()

answerQuestions<StormQuestions>({
  async listen(settings) {
    const { server, port } = await listen(settings, keepReading)
    server.prependListener('connection', () => stretches.lap())
    return { port }
  },
  async aim({ settings, port }) {
    const open = await connectorTo(settings, port)
    connect = () => {
      stretches.lap()
      return open()
    }
    return null
  },
  async storm(openings) {
    const started = performance.now()
    await repeat(openings, async () => {
      const end = await connect()
      keepReading(end)
      await closeAbruptly(end)
    })
    return (performance.now() - started) / 1000
  },
  watchDelay() {
    histogram.enable()
    histogram.reset()
    cpu = process.cpuUsage()
    return null
  },
  delay() {
    const { user, system } = process.cpuUsage(cpu)
    histogram.disable()
    // A sample is the time from one timer to the next, which it should have been after RESOLUTION.
    const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - RESOLUTION)
    return {
      p50: late(histogram.percentile(50)),
      p99: late(histogram.percentile(99)),
      max: late(histogram.max),
      cpuMicroseconds: user + system,
    }
  },
  watchStretches() {
    stretches = new StretchWatch()
    stretches.start()
    return null
  },
  stretches: () => stretches.stop(),
})
