/**
 * How long the event loop is held by one thing after another. Immediates follow one another without a pause, so that the
 * time between two of them is one turn of the loop: all that was done in it without coming back.
 */
export class StretchWatch {
  /** In ms, of each lap that is over. */
  readonly #longest: number[] = []
  #current = 0
  #laps = 0
  #immediate: NodeJS.Immediate | undefined

  start(): void {
    let before = now()
    const turn = (): void => {
      const after = now()
      // A process that had to wait for a processor did not work meanwhile: the lesser of the two is nearer to the truth.
      this.#current = Math.max(this.#current, Math.min(after.clock - before.clock, after.cpu - before.cpu))
      before = after
      this.#immediate = setImmediate(turn)
    }
    this.#immediate = setImmediate(turn)
  }

  /** A handshake begins: the lap of the one before is over. */
  lap(): void {
    if (this.#laps++ > 0) this.#longest.push(this.#current)
    this.#current = 0
  }

  /** The longest turn of each handshake, in ms, in their order. */
  stop(): readonly number[] {
    clearImmediate(this.#immediate)
    this.lap()
    return this.#longest
  }
}

/** In ms; `cpu` is of all threads, since the time of one is told by the system in steps of several ms. */
function now(): { readonly clock: number; readonly cpu: number } {
  const { user, system } = process.cpuUsage()
  return { clock: performance.now(), cpu: (user + system) / 1000 }
}
