/** A process that is asked questions, as its parent sees it. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { TrefoilError } from '../errors.js'
import type { Answer, Question, Questions } from './questions.js'

/** Milliseconds for a process to end by itself. */
const GRACE = 2000

export interface AskedProcessOptions {
  /** Compiled, and answers `Q` (`answerQuestions`). */
  readonly program: URL
  /** For error messages. */
  readonly name: string
  readonly args?: readonly string[]
  /** Such as `--expose-gc`. */
  readonly nodeFlags?: readonly string[]
}

interface Waiting {
  resolve(answer: unknown): void
  reject(failure: Error): void
}

export class AskedProcess<Q extends Questions> {
  readonly #name: string
  readonly #process: ChildProcess
  readonly #gone: Promise<void>
  readonly #waiting = new Map<number, Waiting>()
  #asked = 0
  #said = ''
  #ended: TrefoilError | null = null

  constructor({ program, name, args = [], nodeFlags = [] }: AskedProcessOptions) {
    this.#name = name
    // None of the flags of this process: a profiler or an inspector here must not run there as well.
    const child = fork(fileURLToPath(program), [...args], {
      execArgv: [...nodeFlags],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.#process = child
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#said += text
    })
    child.on('message', (answer: Answer) => this.#receive(answer))
    this.#gone = new Promise((resolve) => {
      const end = (how: string) => {
        this.#end(how)
        resolve()
      }
      child.once('error', ({ message }) => end(message))
      child.once('close', (code, signal) => end(`exit status ${code ?? signal}`))
    })
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  /** @throws TrefoilError ERR_INTERNAL with what went wrong there, also when the process ends instead of answering */
  ask<Name extends keyof Q & string>(name: Name, ask: Q[Name]['ask']): Promise<Q[Name]['answer']> {
    if (this.#ended !== null) return Promise.reject(this.#ended)
    const id = this.#asked++
    return new Promise<Q[Name]['answer']>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      // Where it cannot be sent, `close` follows.
      this.#process.send({ id, name, ask } satisfies Question, () => {})
    })
  }

  /** Lets the process end by itself, and ends it when it does not. Resolves when it is gone. */
  async stop(): Promise<void> {
    if (this.#ended !== null) return
    // Not by letting go of the channel: a parent that does so itself hears no `close`.
    this.#process.kill('SIGTERM')
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), GRACE)
    await this.#gone
    clearTimeout(timer)
  }

  #receive(reply: Answer): void {
    const waiting = this.#waiting.get(reply.id)
    this.#waiting.delete(reply.id)
    if ('answer' in reply) {
      waiting?.resolve(reply.answer)
      return
    }
    const { code, message } = reply.failure
    waiting?.reject(failed(`${this.#name}: ${message}${code === null ? '' : ` (${code})`}`))
  }

  #end(how: string): void {
    this.#ended ??= failed(`${this.#name} ended: ${how}. ${this.#said}`.trim())
    for (const { reject } of this.#waiting.values()) reject(this.#ended)
    this.#waiting.clear()
  }
}

function failed(message: string): TrefoilError {
  return new TrefoilError('ERR_INTERNAL', message)
}
