// The parent's side of a process of the soak: tells it what to do, asks what it saw, kills it or lets it end by itself.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** How long an answer may take, in milliseconds. */
const PATIENCE = 60_000

export class Process {
  #program
  #child
  #exit
  /** By id, called with an answer. */
  #waiting = new Map()
  #count = 0

  /** `program` stands beside this file. */
  constructor(program) {
    this.#program = program
    const path = fileURLToPath(new URL(program, import.meta.url))
    // Advanced serialization lets octets through as they are.
    this.#child = fork(path, { serialization: 'advanced', execArgv: ['--expose-gc'] })
    this.#exit = once(this.#child, 'exit')
    this.#child.on('message', (message) => this.#waiting.get(message.id)?.(message))
    this.#exit.then(([code, signal]) => {
      for (const answer of this.#waiting.values()) answer({ failure: `it ended (${code ?? signal})` })
    })
  }

  /** Rejects when the process fails in it, ends before it has answered, or does not answer in time. */
  async tell(command, argument = {}, patience = PATIENCE) {
    const id = this.#count++
    const answered = new Promise((resolve) => this.#waiting.set(id, resolve))
    const late = () => this.#waiting.get(id)({ failure: `no answer within ${patience / 1000} s` })
    const timer = setTimeout(late, patience)
    this.#child.send({ id, command, argument }, (error) => error && this.#waiting.get(id)?.({ failure: error.message }))
    const { result, failure } = await answered
    clearTimeout(timer)
    this.#waiting.delete(id)
    if (failure !== undefined) throw new Error(`${this.#program} was told to ${command}: ${failure}`)
    return result
  }

  /** SIGKILL: nothing of it runs any more when this resolves. */
  async kill() {
    this.#child.kill('SIGKILL')
    await this.#exit
  }

  /** Lets go of it. Resolves with whether it ended by itself, because nothing was left to do. */
  async end(milliseconds) {
    if (this.#child.connected) this.#child.disconnect()
    const patience = setTimeout(() => this.#child.kill('SIGKILL'), milliseconds)
    const [code] = await this.#exit
    clearTimeout(patience)
    return code === 0
  }
}
