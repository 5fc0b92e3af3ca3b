// Both key managers of a link in one process, to be killed.
import { randomBytes } from 'node:crypto'
import { createKeyManagerPair } from 'trefoil/qkd'
import { serveCommands } from './child.mjs'

serveCommands({
  async start({ siteA, siteB, ports = { a: 0, b: 0 } }) {
    const { a, b } = createKeyManagerPair({ siteA, siteB, random: (length) => randomBytes(length) })
    const [atA, atB] = [await a.listen(ports.a), await b.listen(ports.b)]
    return { a: portOf(atA.url), b: portOf(atB.url) }
  },
})

function portOf(url) {
  return Number(new URL(url).port)
}
