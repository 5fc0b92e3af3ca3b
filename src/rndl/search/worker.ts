/** A thread that tries guesses, a batch at a time. */
import { parentPort } from 'node:worker_threads'
import { COMPONENTS } from './components.js'
import type { BatchReply, BatchRequest } from './threads.js'
import type { SearchMethod } from './trials/trial.js'

const port = parentPort
if (port === null) throw new Error('this module is a searching thread, and is loaded by the harness alone')

const prepared = new Map<number, ReturnType<SearchMethod['prepare']>>()

port.on('message', ({ id, task, from, count, open }: BatchRequest) => {
  if (task !== null) prepared.set(id, COMPONENTS[task.component].prepare(task.targets, task.bits))
  const started = performance.now()
  const scan = prepared.get(id)?.(from, count, open)
  if (scan === undefined) throw new Error('a batch came before its task')
  port.postMessage({ ...scan, milliseconds: performance.now() - started } satisfies BatchReply)
})
