/**
 * Stands between ClientHellos and the key manager, so that a flood of made-up key_IDs neither drains nor stalls it; and in
 * the same way between ClientHellos and a session store.
 *
 * Only a key manager can tell that a key_ID was made up, so such look-ups cannot be avoided; but they can be counted.
 * Every address may name so many unknown key_IDs and no more. All addresses together share so many again, in parts by
 * what is known of them: half for those that completed a handshake with a QKD key lately, a quarter for strangers, a
 * quarter for those that have failed. A flood, from however many addresses, spends the last two parts only; and since
 * strangers are let in one look-up at a time, each of its addresses takes one from the part of the strangers.
 *
 * A refusal here depends on addresses and load, never on the key_ID: it tells nobody which keys there are.
 */
import { TrefoilError, toTrefoilError } from '../../errors.js'
import { AddressBook, type Source, type Standing } from './addressBook.js'
import { addressGroup } from './addressGroup.js'
import { Allowance } from './allowance.js'
import type { KeyLookupLimits } from './limits.js'
import { Counters, type KeyLookupStatistics, type Outcome, type RefusalReason } from './statistics.js'
import { type Waiting, WaitingRoom } from './waitingRoom.js'

/** The guard, as one handshake sees it. */
export interface KeyLookupGate {
  /**
   * Refuses what {@link run} would refuse too, while nothing has been spent on it.
   * @throws TrefoilError ERR_TOO_MANY_KEY_LOOKUPS
   */
  check(): void
  /**
   * Asks the key source when its turn has come. Held against the address is ERR_QKD_KEY_NOT_FOUND from `ask`, null from it,
   * and that the signal fired before `ask` was done; any other failure is the key source's own.
   * @throws TrefoilError ERR_TOO_MANY_KEY_LOOKUPS, ERR_ABORTED (given up while it waited), and what `ask` throws
   */
  run<T>(ask: () => Promise<T>): Promise<T>
}

type End = (outcome: Outcome) => void

interface Waiter extends Waiting {
  callIn(end: End): void
  refuse(reason: RefusalReason): void
}

/** Of `maxUnknownKeyIds`. */
const SHARE: Readonly<Record<Standing, number>> = { proven: 1 / 2, unknown: 1 / 4, failed: 1 / 4 }
/** Of `maxKeyLookups`: the rest is always there for those who have proved themselves. */
const PLACES: Readonly<Record<Standing, number>> = { proven: 1, unknown: 1 / 4, failed: 1 / 4 }
const REMEMBERED_ADDRESSES = 10_000

export class KeyLookupGuard {
  readonly #limits: KeyLookupLimits
  readonly #now: () => number
  readonly #book: AddressBook
  readonly #shares: Readonly<Record<Standing, Allowance>>
  readonly #room: WaitingRoom<Waiter>
  readonly #counters = new Counters()

  /** @param now milliseconds on a clock that never goes back */
  constructor(limits: KeyLookupLimits, now: () => number = () => performance.now()) {
    const { unknown, unknownPerAddress: failuresPerAddress, windowMilliseconds } = limits
    const share = (standing: Standing): Allowance =>
      new Allowance(Math.floor(unknown * SHARE[standing]), windowMilliseconds, now())
    this.#limits = limits
    this.#now = now
    this.#book = new AddressBook({ failuresPerAddress, windowMilliseconds, capacity: REMEMBERED_ADDRESSES })
    this.#shares = { proven: share('proven'), unknown: share('unknown'), failed: share('failed') }
    this.#room = new WaitingRoom(limits.waiting)
  }

  /** @param signal gives up the wait */
  gate(address: string, signal?: AbortSignal): KeyLookupGate {
    const group = addressGroup(address)
    const source = (): Source => this.#book.find(group, this.#now())
    return {
      check: () => this.#check(source()),
      run: async (ask) => {
        const end = await this.#enter(source(), signal)
        try {
          const answer = await ask()
          end(answer === null ? 'notFound' : 'found')
          return answer
        } catch (thrown) {
          end(outcomeOf(thrown, signal))
          throw thrown
        }
      },
    }
  }

  /** A handshake with a QKD key was completed from there, so its client holds such keys. */
  prove(address: string): void {
    this.#book.prove(addressGroup(address), this.#now())
    this.#callWaiting()
  }

  get statistics(): KeyLookupStatistics {
    return this.#counters.snapshot(this.#active, this.#room.size)
  }

  get #active(): number {
    const { proven, unknown, failed } = this.#shares
    return proven.active + unknown.active + failed.active
  }

  #check(source: Source): void {
    const reason = this.#spentBy(source)
    if (reason !== null) throw this.#refusal(reason)
  }

  #enter(source: Source, signal: AbortSignal | undefined): End | Promise<End> {
    this.#check(source)
    if (this.#admits(source)) return this.#begin(source)
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#room.remove(waiter)
        signal?.removeEventListener('abort', giveUp)
      }
      const giveUp = (): void => {
        leave()
        reject(abortedBy(signal))
      }
      const waiter: Waiter = {
        source,
        callIn(end) {
          leave()
          resolve(end)
        },
        refuse: (reason) => {
          leave()
          reject(this.#refusal(reason))
        },
        turnAway: () => waiter.refuse('noRoom'),
      }
      signal?.addEventListener('abort', giveUp)
      if (signal?.aborted) giveUp()
      else this.#room.add(waiter, (other) => this.#standing(other) === 'proven')
    })
  }

  /** Whoever waits, waits for a look-up of the same address, of the same share or of any: each end may let some in. */
  #callWaiting(): void {
    for (const waiter of this.#room) {
      const { source } = waiter
      const reason = this.#spentBy(source)
      if (reason !== null) waiter.refuse(reason)
      else if (this.#admits(source)) waiter.callIn(this.#begin(source))
    }
  }

  #begin(source: Source): End {
    const share = this.#shares[this.#standing(source)]
    share.begin()
    source.allowance.begin()
    this.#counters.asked++
    return (outcome) => {
      const now = this.#now()
      const guilty = outcome === 'notFound' || outcome === 'abandoned'
      share.end(guilty, now)
      source.allowance.end(guilty, now)
      if (guilty) this.#book.fail(source, now)
      this.#counters.outcomes[outcome]++
      this.#callWaiting()
    }
  }

  #spentBy(source: Source): RefusalReason | null {
    const now = this.#now()
    if (source.allowance.isSpent(now)) return 'perAddress'
    return this.#shares[this.#standing(source)].isSpent(now) ? 'inAll' : null
  }

  #admits(source: Source): boolean {
    const { atOnce, atOncePerAddress } = this.#limits
    const standing = this.#standing(source)
    const places = Math.max(1, Math.floor(atOnce * PLACES[standing]))
    const now = this.#now()
    return (
      this.#active < atOnce &&
      this.#shares[standing].admits(places, now) &&
      source.allowance.admits(standing === 'proven' ? atOncePerAddress : 1, now)
    )
  }

  #standing(source: Source): Standing {
    return this.#book.standing(source, this.#now())
  }

  #refusal(reason: RefusalReason): TrefoilError {
    this.#counters.refused[reason]++
    return new TrefoilError('ERR_TOO_MANY_KEY_LOOKUPS', SENTENCES[reason])
  }
}

/**
 * Whoever leaves before the answer has had the key manager asked all the same, and must not get round the bounds by it.
 * A handshake that ran out of time, its own or the store's, has waited for the key source, though.
 */
function outcomeOf(thrown: unknown, signal: AbortSignal | undefined): Outcome {
  const code = thrown instanceof TrefoilError ? thrown.code : null
  if (code === 'ERR_QKD_KEY_NOT_FOUND') return 'notFound'
  const waited = code === 'ERR_HANDSHAKE_TIMEOUT' || code === 'ERR_SESSION_STORE'
  return signal?.aborted && !waited ? 'abandoned' : 'failed'
}

function abortedBy(signal: AbortSignal | undefined): TrefoilError {
  const message = 'the handshake was given up while it waited to ask the key manager'
  return toTrefoilError(signal?.reason, 'ERR_ABORTED', message)
}

const SENTENCES: Readonly<Record<RefusalReason, string>> = {
  perAddress: "too many look-ups from the client's address named keys that the key manager does not know",
  inAll: 'too many look-ups from all addresses like this one named keys that the key manager does not know',
  noRoom: 'too many key look-ups are going on and waiting at once',
}
