/** One key source as the budget sees it: calls that end in time, keys that are checked, a circuit, and counts. */
import { wipe } from '../../bytes.js'
import { TrefoilError } from '../../errors.js'
import { abortedRequest } from '../abort.js'
import { bounded } from '../bounded.js'
import type { DeliveryLink, KeyRequestOptions, KeySource, KeySourceStatus, QkdKey } from '../keySource.js'
import { badReply, octetsOf, receiveKeys } from './arrival.js'
import { BackOff } from './backOff.js'
import { CircuitBreaker } from './circuitBreaker.js'
import { Dryness } from './dryness.js'
import type { Notify, SourceFailure } from './events.js'
import type { HeldKey } from './heldKey.js'
import type { Settings } from './options.js'
import { asksForPause, failureOf, healthOf, type Reason } from './refusals.js'
import type { SingleUse } from './singleUse.js'
import { type SourceStatistics, Tally } from './statistics.js'

/** A source that can give several fresh keys in one call; it may give fewer than `number`. */
export interface BatchKeySource extends KeySource {
  getKeys(peerSaeId: string, options: KeyRequestOptions & { readonly number: number }): Promise<KeyBatch>
}

/** The keys, by themselves or in a container. */
export type KeyBatch = readonly QkdKey[] | { readonly keys: readonly QkdKey[] }

/** For whom keys are fetched. */
export interface Client {
  readonly peerSaeId: string
  readonly tally: Tally
}

export interface SupplierContext {
  readonly settings: Settings
  readonly singleUse: SingleUse
  readonly notify: Notify
}

export class Supplier {
  readonly label: string
  readonly weight: number
  /** Fresh keys that one call may bring. */
  keysPerCall: number
  readonly #source: KeySource
  readonly #context: SupplierContext
  readonly #breaker: CircuitBreaker
  readonly #tally = new Tally()
  readonly #dryness = new Map<string, Dryness>()
  #calls = 0
  #lastFailure: TrefoilError | null = null
  /** The last failure that counted against it. */
  #lastFault: TrefoilError | null = null

  constructor({ source, label, weight }: Settings['sources'][number], context: SupplierContext) {
    const { settings } = context
    this.label = label
    this.weight = weight
    this.keysPerCall = givesSeveral(source) ? settings.keysPerCall : 1
    this.#source = source
    this.#context = context
    this.#breaker = new CircuitBreaker({
      failuresToOpen: settings.failuresToOpen,
      rest: new BackOff(settings.rest, settings.random),
      now: settings.now,
      changed: (from, to) => {
        const { restMilliseconds } = this.#breaker
        const failure = this.#lastFault && this.#told(this.#lastFault)
        context.notify('circuit', { source: label, from, to, restMilliseconds, failure })
      },
    })
  }

  /** The way its keys come, as far as it tells. */
  get deliveryLink(): DeliveryLink | null {
    return this.#source.deliveryLink ?? null
  }

  /** Null: it may be asked. Otherwise why not: its circuit is open, or it said lately that it had no fresh key. */
  reasonToSkip(peerSaeId: string, named: boolean): Reason | null {
    const dryness = named ? undefined : this.#dryness.get(peerSaeId)
    if (dryness?.refusal && dryness.pauseMilliseconds > 0) {
      return { ...this.#told(dryness.refusal), skipped: true, nextMilliseconds: dryness.nextMilliseconds }
    }
    if (this.#lastFault === null || this.#breaker.admits) return null
    return { ...this.#told(this.#lastFault), skipped: true, nextMilliseconds: this.#breaker.restMilliseconds }
  }

  /** Why a call that has just failed brought nothing. */
  reasonFor(error: TrefoilError, peerSaeId: string): Reason {
    const nextMilliseconds = this.#dryness.get(peerSaeId)?.nextMilliseconds ?? 0
    return { ...this.#told(error), skipped: false, nextMilliseconds }
  }

  /** From 1 to `number` fresh keys. @throws TrefoilError */
  async draw(client: Client, number: number, signal: AbortSignal): Promise<HeldKey[]> {
    const several = Math.min(number, this.keysPerCall)
    const dryness = this.#drynessOf(client.peerSaeId)
    try {
      const keys = await this.#call(client, several, false, signal, (options) => this.#ask(client, several, options))
      dryness.arrived(keys.length)
      return keys
    } catch (thrown) {
      const { code } = thrown as TrefoilError
      // Sources bound what they ask for at once, too.
      const perhapsTooMany = several > 1 && code === 'ERR_INVALID_OPTION'
      if (!perhapsTooMany && !asksForPause(code)) throw thrown
      if (several === 1) {
        dryness.refused(thrown as TrefoilError)
        throw thrown
      }
      // A key manager refuses the whole request when it has fewer keys, or gives fewer at a time: is it the number?
      const keys = await this.draw(client, 1, signal)
      if (perhapsTooMany || code === 'ERR_QKD_REFUSED')
        this.keysPerCall = Math.min(this.keysPerCall, Math.floor(several / 2))
      return keys
    }
  }

  /** That very key. @throws TrefoilError */
  async fetch(client: Client, keyId: string, signal: AbortSignal): Promise<HeldKey> {
    const [key] = await this.#call(client, 1, true, signal, async (options) => {
      const delivered = await this.#source.getKeyWithId(client.peerSaeId, keyId, options)
      if (delivered?.keyId === keyId) return [delivered]
      wipe(octetsOf(delivered))
      throw badReply('answered with another key than the one asked for')
    })
    return key as HeldKey
  }

  /** @throws TrefoilError */
  async status(peerSaeId: string, signal: AbortSignal): Promise<KeySourceStatus> {
    try {
      return await this.#inTime(signal, (options) => this.#source.status(peerSaeId, options))
    } catch (thrown) {
      throw signal.aborted ? abortedRequest(signal) : failureOf(thrown)
    }
  }

  statistics(): SourceStatistics {
    const { state, failuresInARow, openings, restMilliseconds } = this.#breaker
    const last = this.#lastFailure
    return Object.freeze({
      label: this.label,
      calls: this.#calls,
      ...this.#tally.counts,
      failures: this.#tally.failures,
      lastFailure: last && Object.freeze({ code: last.code, message: last.message }),
      circuit: state,
      failuresInARow,
      openings,
      restMilliseconds,
    })
  }

  async #ask({ peerSaeId }: Client, number: number, options: KeyRequestOptions): Promise<unknown> {
    const source = this.#source
    if (number === 1 || !givesSeveral(source)) return [await source.getKey(peerSaeId, options)]
    const batch = await source.getKeys(peerSaeId, { ...options, number })
    return isContainer(batch) ? batch.keys : batch
  }

  /** One call for keys, from the circuit's leave to the counting of its outcome. */
  async #call(
    client: Client,
    number: number,
    named: boolean,
    signal: AbortSignal,
    request: (options: KeyRequestOptions) => Promise<unknown>,
  ): Promise<HeldKey[]> {
    const admission = this.#breaker.admit()
    if (admission === null) throw this.#lastFault ?? failureOf(null)
    this.#calls++
    const bornAt = this.#context.settings.now()
    const tallies = [client.tally, this.#tally]
    try {
      const receive = async (options: KeyRequestOptions): Promise<HeldKey[]> => {
        const delivered = await request(options)
        const { singleUse, settings } = this.#context
        const { requirePostQuantumDelivery } = settings
        const { deliveryLink } = this
        return receiveKeys(delivered, number, { bornAt, tallies, singleUse, requirePostQuantumDelivery, deliveryLink })
      }
      const keys = await this.#inTime(signal, receive, burnAll)
      this.#breaker.succeeded()
      return keys
    } catch (thrown) {
      if (signal.aborted) {
        this.#breaker.withdrawn(admission)
        throw abortedRequest(signal)
      }
      const error = failureOf(thrown)
      this.#tally.fail(error.code)
      this.#lastFailure = error
      const health = healthOf(error.code, named)
      if (health === 'fault') this.#lastFault = error
      this.#context.notify('failure', { peerSaeId: client.peerSaeId, ...this.#told(error) })
      if (health === 'fault') this.#breaker.failed(admission)
      else if (health === 'sound') this.#breaker.succeeded()
      else this.#breaker.withdrawn(admission)
      throw error
    }
  }

  #inTime<T>(
    signal: AbortSignal,
    call: (options: KeyRequestOptions) => Promise<T>,
    discard: (late: T) => void = () => {},
  ): Promise<T> {
    const milliseconds = this.#context.settings.attempt
    return bounded((ours) => call({ signal: ours }), {
      milliseconds,
      signals: [signal],
      timedOut: () =>
        new TrefoilError('ERR_QKD_TIMEOUT', `the key source did not answer within ${milliseconds} milliseconds`),
      aborted: () => abortedRequest(signal),
      discard,
      keepsAlive: false,
    })
  }

  #told({ code, message }: TrefoilError): SourceFailure {
    return { source: this.label, code, message }
  }

  #drynessOf(peerSaeId: string): Dryness {
    let dryness = this.#dryness.get(peerSaeId)
    if (dryness === undefined) {
      const { retry, random, now } = this.#context.settings
      dryness = new Dryness(new BackOff(retry, random), now)
      this.#dryness.set(peerSaeId, dryness)
    }
    return dryness
  }
}

function givesSeveral(source: KeySource): source is BatchKeySource {
  return 'getKeys' in source && typeof source.getKeys === 'function'
}

/** An array has `keys` too, but that is a function. */
function isContainer(batch: KeyBatch | null | undefined): batch is Exclude<KeyBatch, readonly QkdKey[]> {
  return typeof batch === 'object' && batch !== null && 'keys' in batch && Array.isArray(batch.keys)
}

function burnAll(keys: readonly HeldKey[]): void {
  for (const key of keys) key.burn()
}
