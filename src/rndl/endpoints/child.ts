/**
 * What runs in a process of its own: a client, a server, or both key managers. It does what its parent asks over the
 * channel between them, and ends when that does.
 */
import { rmSync } from 'node:fs'
import { type Answers, answerQuestions } from '../../processes/questions.js'
import type { KeyManagerFault } from '../../qkd/index.js'
import type { EndFacts } from './facts.js'
import { type KeyManagerJob, type RunningKeyManagers, startKeyManagers } from './keyManagers.js'
import { type PlayedServer, type PlayJob, serve, visit } from './playedEnd.js'

/** What a parent may ask, and what it gets. All of it is plain JSON. */
export type Requests = {
  readonly serve: { readonly ask: PlayJob; readonly answer: { readonly port: number } }
  /** Once for each `serve`. */
  readonly served: { readonly ask: null; readonly answer: EndFacts }
  readonly visit: { readonly ask: { readonly job: PlayJob; readonly port: number }; readonly answer: EndFacts }
  readonly keyManagers: { readonly ask: KeyManagerJob; readonly answer: RunningKeyManagers['ports'] }
  readonly fault: {
    readonly ask: { readonly site: 'client' | 'server'; readonly fault: KeyManagerFault | null }
    readonly answer: null
  }
}

let server: PlayedServer | null = null
let keyManagers: RunningKeyManagers | null = null

const answers: Answers<Requests> = {
  async serve(job) {
    // One that broke off may still stand there.
    await server?.close()
    server = await serve(job)
    return { port: server.port }
  },
  async served() {
    if (server === null) throw new Error('no server was started')
    const facts = await server.facts()
    await server.close()
    server = null
    return facts
  },
  visit: ({ job, port }) => visit(job, port),
  async keyManagers(job) {
    keyManagers = await startKeyManagers(job)
    return keyManagers.ports
  },
  async fault({ site, fault }) {
    keyManagers?.setFault(site, fault)
    return null
  },
}

answerQuestions(answers, () => {
  // What the parent would have removed is removed here.
  const [folder] = process.argv.slice(2)
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
})
