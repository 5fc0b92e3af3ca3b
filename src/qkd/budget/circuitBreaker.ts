/**
 * Leaves a source alone that fails again and again, so that callers do not wait for it each time: closed until
 * failures in a row open it, open for a pause, then half open for one call whose outcome decides.
 */
import type { BackOff } from './backOff.js'

export type CircuitState = 'closed' | 'open' | 'half-open'

/** Leave for one call. It ends with exactly one of `succeeded`, `failed`, `withdrawn`. */
export interface Admission {
  readonly probe: boolean
}

export interface CircuitBreakerOptions {
  readonly failuresToOpen: number
  readonly rest: BackOff
  readonly now: () => number
  readonly changed: (from: CircuitState, to: CircuitState) => void
}

export class CircuitBreaker {
  /** How often it opened, probes that failed included. */
  openings = 0
  #state: CircuitState = 'closed'
  #failures = 0
  #restsUntil = 0
  readonly #options: CircuitBreakerOptions

  constructor(options: CircuitBreakerOptions) {
    this.#options = options
  }

  get state(): CircuitState {
    return this.#state
  }

  get failuresInARow(): number {
    return this.#failures
  }

  /** Milliseconds until a call is let through; 0 when one is now. */
  get restMilliseconds(): number {
    return this.#state === 'closed' ? 0 : Math.max(0, Math.ceil(this.#restsUntil - this.#options.now()))
  }

  /** Whether a call would be let through now. */
  get admits(): boolean {
    return this.#state === 'closed' || (this.#state === 'open' && this.restMilliseconds === 0)
  }

  /** Null: not now. */
  admit(): Admission | null {
    if (!this.admits) return null
    const probe = this.#state === 'open'
    if (probe) this.#become('half-open')
    return { probe }
  }

  /** The source answered as one that works: with a key, or with a refusal that is none of its faults. */
  succeeded(): void {
    this.#failures = 0
    this.#options.rest.reset()
    this.#become('closed')
  }

  failed({ probe }: Admission): void {
    // Calls that began before the circuit opened tell nothing new.
    if (!probe && this.#state !== 'closed') return
    this.#failures++
    if (probe || this.#failures >= this.#options.failuresToOpen) this.#open()
  }

  /** Given up before there was an outcome. */
  withdrawn({ probe }: Admission): void {
    if (probe && this.#state === 'half-open') this.#become('open')
  }

  #open(): void {
    this.openings++
    this.#restsUntil = this.#options.now() + this.#options.rest.next()
    this.#become('open')
  }

  #become(state: CircuitState): void {
    const from = this.#state
    if (from === state) return
    this.#state = state
    this.#options.changed(from, state)
  }
}
