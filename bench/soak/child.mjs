// The child's side: takes `{ id, command, argument }` and sends back `{ id, result }` or `{ id, failure }`. Counts what
// must never happen in it, and says what it holds. After `close` it does not exit of its own will: it ends when nothing is
// left to do. Before, it ends with its parent.
import { readdirSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import { TrefoilError } from 'trefoil'

/** Uncaught exceptions, unhandled rejections and warnings (of listeners that pile up, say), with their stacks. */
const uncaught = []
process.on('uncaughtException', (error) => note(stackOf(error)))
process.on('unhandledRejection', (reason) => note(`unhandled: ${stackOf(reason)}`))
process.on('warning', (warning) => note(stackOf(warning)))

export function serveCommands(commands) {
  const all = { sample, ...commands }
  const exit = () => process.exit(1)
  process.on('disconnect', exit)
  process.on('message', async ({ id, command, argument }) => {
    if (command === 'close') process.off('disconnect', exit)
    try {
      process.send({ id, result: await all[command](argument) })
    } catch (error) {
      process.send({ id, failure: stackOf(error) })
    }
  })
}

/** Told at once too (the first few of them): the run may hang on what was thrown. */
function note(stack) {
  if (uncaught.push(stack) <= 3) console.error(stack)
}

function stackOf(error) {
  return `${error?.stack ?? error}`
}

/** Memory in bytes after a full collection, and what is open. */
export async function sample() {
  await collectGarbage()
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage()
  const { user, system } = process.cpuUsage()
  const cpuSeconds = (user + system) / 1e6
  return { cpuSeconds, heapUsed, arrayBuffers, rss, sockets: openSockets(), descriptors: openDescriptors(), uncaught }
}

/** Twice: what the first one finalizes, the second one frees. */
export async function collectGarbage() {
  for (let i = 0; i < 2; i++) {
    globalThis.gc()
    await turn()
  }
}

/** TCP sockets, listening or not. Node counts a handle that is closed until it is collected. */
export function openSockets() {
  return process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP')).length
}

/** Null where there is no /proc. */
function openDescriptors() {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return null
  }
}

/** Counts by name. */
export class Tally {
  counts = {}

  add(name, by = 1) {
    this.counts[name] = (this.counts[name] ?? 0) + by
  }
}

/** The code of an error of ours, with the alert if it came from the peer; of any other error what it is, after a question mark. */
export function reasonOf(error) {
  if (!(error instanceof TrefoilError)) return `?${error?.code ?? error?.name ?? error}: ${error?.message}`
  return error.receivedAlert === null ? error.code : `${error.code} ${error.receivedAlert}`
}
