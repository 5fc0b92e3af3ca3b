// Both key managers of a link in one process, to be killed.
import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { createKeyManagerPair } from 'trefoil/qkd'
import { serveCommands } from './child.mjs'

/** How often, and how long apart in milliseconds, it tries for a port that someone has taken meanwhile. */
const TRIES = 100
const APART = 100

serveCommands({
  async start({ siteA, siteB, ports = { a: 0, b: 0 } }) {
    const { a, b } = createKeyManagerPair({ siteA, siteB, random: (length) => randomBytes(length) })
    return { a: await listen(a, ports.a), b: await listen(b, ports.b) }
  },
})

async function listen(manager, port) {
  for (let left = TRIES; ; left--) {
    try {
      return Number(new URL((await manager.listen(port)).url).port)
    } catch (error) {
      if (error.cause?.code !== 'EADDRINUSE' || left === 0) throw error
      await wait(APART)
    }
  }
}
