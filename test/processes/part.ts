/** The parent's side of part.mjs: parts of a deployment as processes, told what to do, asked what they saw, and killed. */
import { type ChildProcess, fork } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ErrorCode, KeyLookupStatistics, Protection } from '../../src/index.js'
import { atEndOfFile } from '../support/endOfFile.js'
import { credentials, saeA, saeB } from '../support/kme.js'

const PROGRAM = fileURLToPath(new URL('part.mjs', import.meta.url))
export const isBuilt = existsSync(new URL('../../dist/index.js', import.meta.url))
export const notBuilt = isBuilt ? '' : ' (skipped: dist is not built, npm run build makes it)'

const parts = new Set<Part>()
atEndOfFile(async () => {
  await Promise.all([...parts].map((part) => part.kill()))
})

/** An error as the other process told it. */
export interface Told {
  readonly code: ErrorCode
  readonly message: string
  readonly alert: string | number | null
}

export interface ServerLog {
  readonly sessions: readonly Protection[]
  readonly refusals: readonly Told[]
  readonly fallbacks: readonly Told[]
}

export interface ClientOutcome {
  readonly protection?: Protection
  readonly text?: string
  readonly refusal?: Told
  readonly fallbacks: readonly Told[]
}

export interface Counters {
  readonly enc_keys: number
  readonly dec_keys: number
}

interface Results {
  keyManagers: { readonly a: string; readonly b: string }
  keyManager: { readonly url: string }
  fault: undefined
  counters: { readonly a: Counters; readonly b: Counters }
  serve: number
  takeLog: ServerLog
  atRest: { readonly connections: number; readonly heap: number; readonly keyLookups: KeyLookupStatistics }
  connect: ClientOutcome
  flood: { readonly sent: number; readonly answered: number }
}

export class Part {
  readonly #child: ChildProcess
  readonly #answers = new EventEmitter()
  readonly #exit: Promise<unknown>
  #count = 0

  constructor() {
    // Advanced serialization lets octets through as they are.
    this.#child = fork(PROGRAM, { serialization: 'advanced', execArgv: ['--expose-gc'] })
    this.#exit = once(this.#child, 'exit')
    this.#child.on('message', (message: { id?: number; event?: string }) => {
      this.#answers.emit(message.event ?? `${message.id}`, message)
    })
    parts.add(this)
  }

  /** Never resolves if the process is killed before it has answered. */
  async tell<C extends keyof Results>(command: C, argument: object = {}): Promise<Results[C]> {
    const id = this.#count++
    const answered = once(this.#answers, `${id}`)
    this.#child.send({ id, command, argument })
    const [{ result, failure }] = await answered
    if (failure !== undefined) throw new Error(failure)
    return result
  }

  /** The key_ID at which a part that was told to has stopped. */
  async stoppedAtKey(): Promise<string> {
    const [{ keyId }] = await once(this.#answers, 'key')
    return keyId
  }

  /** SIGKILL: nothing of it runs any more when this resolves. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exit
    parts.delete(this)
  }
}

export const SITE_A = { kmeId: 'KME-A', sae: [saeA], tls: credentials('KME-A') }
export const SITE_B = { kmeId: 'KME-B', sae: [saeB], tls: credentials('KME-B') }

/** The option `qkd` of a client at site A and of a server at site B, for a part to make its source of. */
export function qkdOption(end: 'client' | 'server', url: string, more: object = {}) {
  const [localSaeId, peerSaeId] = end === 'client' ? [saeA, saeB] : [saeB, saeA]
  return { url, tls: credentials(localSaeId), localSaeId, peerSaeId, ...more }
}
