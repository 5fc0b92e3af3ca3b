// What a visit is waiting for, so that one that hangs can say where it does.

/** What tells of a stream whether it will ever say anything again. */
const FLAGS = ['connecting', 'destroyed', 'closed', 'readableEnded', 'writableEnded', 'writableFinished']
const LENGTHS = ['readableLength', 'writableLength']

/** Of one visit, or of one request in it. */
export class Progress {
  #stage = 'begins'
  #since = performance.now()
  #streams = {}
  #parts = []

  /** `stage` is what is waited for from now on; the streams, by name, are looked at when it is told. */
  waitsFor(stage, streams = {}) {
    this.#stage = stage
    this.#since = performance.now()
    Object.assign(this.#streams, streams)
  }

  part() {
    const part = new Progress()
    this.#parts.push(part)
    return part
  }

  /** Destroys what it waits for. */
  giveUp() {
    for (const stream of Object.values(this.#streams)) stream.destroy()
  }

  get stage() {
    return this.#stage
  }

  toString() {
    const seconds = Math.round((performance.now() - this.#since) / 1000)
    const streams = Object.entries(this.#streams).map(([name, stream]) => `${name}: ${stateOf(stream)}`)
    const parts = this.#parts.map((part) => `[${part}]`)
    return [`${this.#stage} for ${seconds} s`, ...streams, ...parts].join('; ')
  }
}

function stateOf(stream) {
  const flags = FLAGS.filter((flag) => stream[flag] === true)
  const lengths = LENGTHS.filter((length) => stream[length] > 0).map((length) => `${length} ${stream[length]}`)
  return [...flags, ...lengths].join(' ') || 'open'
}
