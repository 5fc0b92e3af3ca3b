// The parent's side of a process of the soak: tells it what to do, asks what it saw, kills it or lets it end by itself.
import { fork } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { fileURLToPath } from 'node:url'

export class Process {
  #child
  #answers = new EventEmitter()
  #exit
  #count = 0

  /** `program` stands beside this file. */
  constructor(program) {
    const path = fileURLToPath(new URL(program, import.meta.url))
    // Advanced serialization lets octets through as they are.
    this.#child = fork(path, { serialization: 'advanced', execArgv: ['--expose-gc'] })
    this.#answers.setMaxListeners(0)
    this.#exit = once(this.#child, 'exit')
    this.#child.on('message', (message) => this.#answers.emit(`${message.id}`, message))
    this.#exit.then(([code, signal]) => this.#answers.emit('gone', code ?? signal))
  }

  /** Rejects if the process ends before it has answered. */
  async tell(command, argument = {}) {
    const id = this.#count++
    const given = new AbortController()
    const answered = once(this.#answers, `${id}`, { signal: given.signal })
    const gone = (how) => given.abort(new Error(`a process of the soak ended (${how}) before it answered ${command}`))
    this.#answers.once('gone', gone)
    this.#child.send({ id, command, argument })
    const [{ result, failure }] = await answered.finally(() => this.#answers.off('gone', gone))
    if (failure !== undefined) throw new Error(failure)
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
