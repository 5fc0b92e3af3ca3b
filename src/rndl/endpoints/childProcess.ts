/** A child process as its parent sees it: questions and answers. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { TrefoilError } from '../../errors.js'
import type { Answer, Question, Requests } from './child.js'

const PROGRAM = fileURLToPath(new URL('./child.js', import.meta.url))

export class Child {
  readonly #name: string
  readonly #process: ChildProcess
  readonly #waiting = new Map<number, { resolve(answer: unknown): void; reject(failure: Error): void }>()
  #asked = 0
  #said = ''
  #ended: Error | null = null

  /**
   * @param name for error messages
   * @param folder removed by the process if this one ends without doing so
   * @param nodeOptions such as `--tls-keylog=FILE`
   */
  constructor(name: string, folder: string, nodeOptions: readonly string[] = []) {
    this.#name = name
    // None of the flags of this process: some are for its main program alone.
    const child = fork(PROGRAM, [folder], { execArgv: [...nodeOptions], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    this.#process = child
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#said += text
    })
    child.on('message', (answer: Answer) => this.#receive(answer))
    child.once('error', (failure) => this.#end(failure.message))
    child.once('close', (code, signal) => this.#end(`exit status ${code ?? signal}`))
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  /** @throws TrefoilError ERR_INTERNAL with what went wrong there */
  ask<Name extends keyof Requests>(name: Name, ask: Requests[Name]['ask']): Promise<Requests[Name]['answer']> {
    if (this.#ended !== null) return Promise.reject(this.#ended)
    const id = this.#asked++
    const question: Question<Name> = { id, name, ask }
    return new Promise<Requests[Name]['answer']>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (answer: unknown) => void, reject })
      // Where it cannot be sent, `close` follows.
      this.#process.send(question, () => {})
    })
  }

  /** Resolves when the process is gone. */
  async stop(): Promise<void> {
    if (this.#ended !== null) return
    const gone = new Promise<void>((resolve) => void this.#process.once('close', () => resolve()))
    this.#process.kill('SIGTERM')
    await gone
  }

  #receive(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id)
    this.#waiting.delete(answer.id)
    if ('answer' in answer) {
      waiting?.resolve(answer.answer)
      return
    }
    const { code, message } = answer.failure
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
