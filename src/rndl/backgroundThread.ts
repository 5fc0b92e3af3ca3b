/** The thread of `background.ts`. */
import { parentPort, workerData } from 'node:worker_threads'
import type { BackgroundProgress, BackgroundTask, FromBackground } from './background.js'
import { runControls } from './controls/index.js'
import { seeThrough } from './stage.js'
import { runTimeline } from './timeline/index.js'

const port = parentPort
if (port === null) throw new Error('this module is a thread of the harness, and is loaded by it alone')
const send = (message: FromBackground) => port.postMessage(message)
const report = (stage: BackgroundProgress['stage'], done: number, total: number) =>
  send({ progress: { stage, done, total } })

const { seed, extent } = workerData as BackgroundTask
const controls = await seeThrough(
  'controls',
  () => runControls({ seed, onProgress: (done, total) => report('controls', done, total) }),
  { controls: [], falseAlarms: [] },
)
const timeline = await seeThrough(
  'timeline',
  () => runTimeline({ seed, extent, onProgress: ({ done, total }) => report('timeline', done, total) }),
  [],
)
const falseAlarms = [...controls.result.falseAlarms, ...controls.falseAlarms, ...timeline.falseAlarms]
send({ result: { controls: controls.result.controls, falseAlarms, timeline: timeline.result } })
