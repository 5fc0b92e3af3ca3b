/** The end of a call: the caller's signal, the time-out or the closing of the source, whichever comes first. */
export class Deadline {
  /** True when it was the time-out. */
  passed = false
  readonly #controller = new AbortController()
  readonly #timer: NodeJS.Timeout
  readonly #caller: AbortSignal | undefined
  readonly #onAbort = (): void => this.cancel()

  constructor(milliseconds: number, caller: AbortSignal | undefined) {
    this.#caller = caller
    caller?.addEventListener('abort', this.#onAbort)
    this.#timer = setTimeout(() => {
      this.passed = true
      this.cancel()
    }, milliseconds)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  cancel(): void {
    this.#controller.abort()
  }

  /** Leaves no trace on the caller's signal. */
  clear(): void {
    clearTimeout(this.#timer)
    this.#caller?.removeEventListener('abort', this.#onAbort)
  }
}
