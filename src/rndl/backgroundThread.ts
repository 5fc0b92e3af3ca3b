/** The thread of `background.ts`. */
import { parentPort, workerData } from 'node:worker_threads'
import type { BackgroundProgress, BackgroundTask, FromBackground } from './background.js'
import { runControls } from './controls/index.js'
import { runTimeline } from './timeline/index.js'

const port = parentPort
if (port === null) throw new Error('this module is a thread of the harness, and is loaded by it alone')
const send = (message: FromBackground) => port.postMessage(message)
const report = (stage: BackgroundProgress['stage'], done: number, total: number) =>
  send({ progress: { stage, done, total } })

const { seed, extent } = workerData as BackgroundTask
const controls = await runControls({ seed, onProgress: (done, total) => report('controls', done, total) })
const timeline = await runTimeline({ seed, extent, onProgress: ({ done, total }) => report('timeline', done, total) })
send({ result: { ...controls, timeline } })
