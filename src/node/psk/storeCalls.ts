/**
 * Calls to the session store. Each has its time; look-ups are bounded by address, as those at the key manager are; and a
 * store that does not answer is left alone for a while, so that not every handshake waits for it. Whatever goes wrong is
 * reported, and costs a client its ticket or a full handshake, never the connection.
 */
import { TrefoilError, toTrefoilError } from '../../errors.js'
import { bounded } from '../../qkd/bounded.js'
import type { KeyLookupGuard } from '../keyLookups/index.js'
import type { SessionStoreSettings } from './sessionStore.js'

/** For so long a store that has let a time-out pass is not asked. */
const REST_MILLISECONDS = 1000
/** Tickets that wait for the store at once; the handshakes beyond give none. */
const MAX_SETS = 1000

/** Whose connection it is. */
export interface StoreCaller {
  /** The remote address, empty where there is none. */
  readonly address: string
  /** Aborted when the connection is given up. */
  readonly signal: AbortSignal
}

export class StoreCalls {
  readonly #settings: SessionStoreSettings
  readonly #guard: KeyLookupGuard
  readonly #now: () => number
  #sets = 0
  #restsUntil = Number.NEGATIVE_INFINITY

  /** @param now milliseconds on a clock that never goes back */
  constructor(settings: SessionStoreSettings, guard: KeyLookupGuard, now: () => number = () => performance.now()) {
    this.#settings = settings
    this.#now = now
    this.#guard = guard
  }

  /** False: it is not kept. */
  async set(id: string, state: Uint8Array, expiresAt: number, { signal }: StoreCaller): Promise<boolean> {
    if (this.#isAtRest() || this.#sets >= MAX_SETS) return false
    const { store } = this.#settings
    this.#sets++
    try {
      await this.#inTime(signal, (both) => this.#ask(both, () => store.set(id, state, { expiresAt, signal: both })))
      return true
    } catch (thrown) {
      this.#report(thrown, 'keep')
      return false
    } finally {
      this.#sets--
    }
  }

  /** Null: it is not to be had. */
  async take(id: string, { address, signal }: StoreCaller): Promise<Uint8Array | null> {
    if (this.#isAtRest()) return null
    const { store } = this.#settings
    try {
      return await this.#inTime(signal, (both) =>
        this.#guard
          .gate(address, both)
          .run(async () => (await this.#ask(both, () => store.take(id, { signal: both }))) ?? null),
      )
    } catch (thrown) {
      this.#report(thrown, 'give')
      return null
    }
  }

  /** What the store gave was not what it had been given. */
  reportForgery(): void {
    this.#settings.onError(failed('the session store gave something that was not sealed under that id'))
  }

  /** What waits before the store is in the time too. The signal given to the call is aborted when it is over. */
  #inTime<T>(given: AbortSignal, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { timeout } = this.#settings
    return bounded(call, {
      milliseconds: timeout,
      signals: [given],
      timedOut: () => failed(`the session store did not answer within ${timeout} milliseconds`),
      aborted: () =>
        toTrefoilError(given.reason, 'ERR_ABORTED', 'the connection was given up while the session store was asked'),
      // Sealed: there is nothing to wipe.
      discard: () => {},
      keepsAlive: true,
    })
  }

  async #ask<T>(signal: AbortSignal, call: () => T | Promise<T>): Promise<T> {
    try {
      return await untilAborted(signal, async () => call())
    } catch (thrown) {
      // Not when it was the client that left.
      if (signal.aborted && isOfStore(signal.reason)) this.#restsUntil = this.#now() + REST_MILLISECONDS
      throw thrown
    }
  }

  #isAtRest(): boolean {
    return this.#now() < this.#restsUntil
  }

  #report(thrown: unknown, verb: string): void {
    // Bounds that were reached are counted elsewhere, and the end of a connection is no failure of the store.
    if (thrown instanceof TrefoilError && !isOfStore(thrown)) return
    this.#settings.onError(toTrefoilError(thrown, 'ERR_SESSION_STORE', `the session store failed to ${verb} a session`))
  }
}

function isOfStore(thrown: unknown): boolean {
  return thrown instanceof TrefoilError && thrown.code === 'ERR_SESSION_STORE'
}

/** Does not wait for a call that takes no notice of its signal. */
function untilAborted<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const onAbort = (): void => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    const settled = (): void => signal.removeEventListener('abort', onAbort)
    call().then(resolve, reject).finally(settled)
  })
}

function failed(message: string): TrefoilError {
  return new TrefoilError('ERR_SESSION_STORE', message)
}
