/**
 * What runs in a process of its own: a client, a server, or both key managers. It does what its parent asks over the
 * channel between them, and ends when that does.
 */
import { rmSync } from 'node:fs'
import type { KeyManagerFault } from '../../qkd/index.js'
import type { EndFacts } from './facts.js'
import { type KeyManagerJob, type RunningKeyManagers, startKeyManagers } from './keyManagers.js'
import { type PlayedServer, type PlayJob, serve, visit } from './playedEnd.js'

/** What a parent may ask, and what it gets. All of it is plain JSON. */
export interface Requests {
  serve: { readonly ask: PlayJob; readonly answer: { readonly port: number } }
  /** Once for each `serve`. */
  served: { readonly ask: null; readonly answer: EndFacts }
  visit: { readonly ask: { readonly job: PlayJob; readonly port: number }; readonly answer: EndFacts }
  keyManagers: { readonly ask: KeyManagerJob; readonly answer: RunningKeyManagers['ports'] }
  fault: {
    readonly ask: { readonly site: 'client' | 'server'; readonly fault: KeyManagerFault | null }
    readonly answer: null
  }
}

export interface Question<Name extends keyof Requests = keyof Requests> {
  readonly id: number
  readonly name: Name
  readonly ask: Requests[Name]['ask']
}

export type Answer = { readonly id: number } & (
  | { readonly answer: unknown }
  | { readonly failure: { readonly code: string | null; readonly message: string } }
)

let server: PlayedServer | null = null
let keyManagers: RunningKeyManagers | null = null

const ANSWERS: {
  readonly [Name in keyof Requests]: (ask: Requests[Name]['ask']) => Promise<Requests[Name]['answer']>
} = {
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

process.on('message', ({ id, name, ask }: Question) => {
  const answering = (ANSWERS[name] as (ask: unknown) => Promise<unknown>)(ask)
  answering.then(
    (answer) => tell({ id, answer }),
    (failure: Error & { code?: string }) =>
      tell({ id, failure: { code: failure.code ?? null, message: failure.message } }),
  )
})
process.on('disconnect', leave)
// Ctrl-C reaches all processes of a terminal; the parent decides what it means.
process.on('SIGINT', () => {})
// It may have gone before anybody here listened.
if (!process.connected) leave()

/** The parent is gone, however it went: what it would have removed is removed here. */
function leave(): void {
  const [folder] = process.argv.slice(2)
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  process.exit()
}

function tell(answer: Answer): void {
  if (process.connected) process.send?.(answer)
}
