/**
 * The supply of fresh keys for one peer: a pool, the callers that wait, and one filler that serves both, callers first.
 *
 * The filler has up to `concurrency` passes over the sources under way. It asks for what callers wait for, and, from the
 * low-water mark on, for what is missing to the high-water mark. When a pass fails, the pool waits for a growing pause;
 * callers do not, since a source that is known to have nothing, or to rest, costs no call. A peer that nobody has asked
 * for during the age of a key is idle: its pool is left to expire, so that an idle link spends no keys.
 */
import { TrefoilError } from '../../errors.js'
import { abortedRequest, refuseIfAborted } from '../abort.js'
import type { QkdKey } from '../keySource.js'
import { BackOff } from './backOff.js'
import type { Notify } from './events.js'
import type { Failover } from './failover.js'
import type { HeldKey } from './heldKey.js'
import type { PeerSettings, Settings } from './options.js'
import { Pool } from './pool.js'
import { duration } from './refusals.js'
import { type PeerStatistics, Tally } from './statistics.js'
import { TokenBucket } from './tokenBucket.js'
import { WaitingCallers } from './waitingCallers.js'

export interface PeerSupplyContext {
  readonly settings: Settings
  readonly failover: Failover
  readonly notify: Notify
  /** Fires when the budget is closed. */
  readonly closing: AbortSignal
}

/** Further callers are refused at once: so many are no burst any more. */
const MAX_WAITING_CALLERS = 10_000

export class PeerSupply {
  readonly peerSaeId: string
  readonly tally = new Tally()
  readonly #context: PeerSupplyContext
  readonly #settings: PeerSettings
  readonly #pool: Pool
  readonly #callers = new WaitingCallers()
  readonly #quota: TokenBucket | null
  readonly #retry: BackOff
  #retryTimer: NodeJS.Timeout | null = null
  #expiryTimer: NodeJS.Timeout | null = null
  #filling = false
  #passes = 0
  /** Keys that the passes under way were asked for. */
  #expected = 0
  #askedAt = Number.NEGATIVE_INFINITY
  #waits = 0
  #waitMilliseconds = 0

  constructor(peerSaeId: string, context: PeerSupplyContext) {
    const { settings } = context
    this.peerSaeId = peerSaeId
    this.#context = context
    this.#settings = settings.forPeer(peerSaeId)
    this.#pool = new Pool(this.#settings.maxAge)
    this.#quota = this.#settings.quota && new TokenBucket(this.#settings.quota, settings.now)
    this.#retry = new BackOff(settings.retry, settings.random)
  }

  /** A fresh key: from the pool, or as soon as a source gives one. @throws TrefoilError */
  async take(signal: AbortSignal | undefined): Promise<QkdKey> {
    refuseIfAborted(signal)
    this.#spendQuota()
    try {
      this.#askedAt = this.#context.settings.now()
      this.#expire()
      const pooled = this.#pool.take()
      const taken = pooled ?? (await this.#wait(signal))
      this.#fill()
      return taken.giveOut()
    } catch (error) {
      this.#quota?.giveBack()
      throw error
    }
  }

  /** Fills the pool before anybody asks. */
  prefetch(): void {
    this.#askedAt = this.#context.settings.now()
    this.#expire()
    this.#fill()
  }

  /** To be called once the context's `closing` has fired: wipes the pool. */
  close(): void {
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer)
    if (this.#expiryTimer !== null) clearTimeout(this.#expiryTimer)
    this.#callers.refuse(this.#callers.latest, 0, abortedRequest())
    this.#pool.burnAll()
  }

  get pooled(): number {
    return this.#pool.size
  }

  get capacity(): number {
    return this.#settings.highWaterMark
  }

  statistics(): PeerStatistics {
    return Object.freeze({
      peerSaeId: this.peerSaeId,
      pooled: this.#pool.size,
      waiting: this.#callers.size,
      ...this.tally.counts,
      waits: this.#waits,
      waitMilliseconds: this.#waitMilliseconds,
      refusals: this.tally.failures,
    })
  }

  #spendQuota(): void {
    const wait = this.#quota?.take() ?? 0
    if (wait === 0) return
    const { keys, intervalMilliseconds } = this.#settings.quota ?? { keys: 0, intervalMilliseconds: 0 }
    const quota = `${keys} keys in ${duration(intervalMilliseconds)}`
    const message = `the peer's quota of ${quota} is used up; the next is free in ${duration(wait)}`
    throw new TrefoilError('ERR_QKD_QUOTA', message)
  }

  async #wait(signal: AbortSignal | undefined): Promise<HeldKey> {
    const { settings } = this.#context
    if (this.#callers.size >= MAX_WAITING_CALLERS) {
      throw new TrefoilError('ERR_QKD_EXHAUSTED', `${MAX_WAITING_CALLERS} callers wait for a key shared with the peer`)
    }
    const began = settings.now()
    this.#waits++
    const served = this.#callers.wait({
      milliseconds: settings.timeout,
      signals: [signal],
      timedOut: () => new TrefoilError('ERR_QKD_TIMEOUT', `no key came within ${settings.timeout} milliseconds`),
      aborted: () => abortedRequest(signal),
    })
    this.#fill()
    try {
      return await served
    } finally {
      this.#waitMilliseconds += settings.now() - began
    }
  }

  /** Starts what passes are needed and allowed. */
  #fill(): void {
    if (this.#context.closing.aborted) return
    this.#decideFilling()
    const { concurrency } = this.#context.settings
    while (this.#passes < concurrency) {
      const forPool = this.#filling && this.#retryTimer === null ? this.#settings.highWaterMark - this.#pool.size : 0
      const wanted = this.#callers.size + forPool - this.#expected
      if (wanted <= 0) return
      void this.#pass(Math.min(wanted, this.#context.failover.keysPerCall(this.peerSaeId)))
    }
  }

  #decideFilling(): void {
    const { lowWaterMark, highWaterMark, maxAge } = this.#settings
    const { peerSaeId } = this
    const pooled = this.#pool.size
    const isIdle = this.#context.settings.now() - this.#askedAt >= maxAge
    if (this.#filling && (isIdle || pooled >= highWaterMark)) {
      this.#filling = false
      if (!isIdle) this.#context.notify('refilled', { peerSaeId, pooled })
    } else if (!this.#filling && !isIdle && pooled < lowWaterMark) {
      this.#filling = true
      this.#context.notify('low', { peerSaeId, pooled })
    }
  }

  /** One pass over the sources; never throws. */
  async #pass(number: number): Promise<void> {
    this.#passes++
    this.#expected += number
    const latestCaller = this.#callers.latest
    const outcome = await this.#draw(number)
    this.#passes--
    this.#expected -= number
    if (outcome instanceof TrefoilError) this.#failed(outcome, latestCaller)
    else this.#arrived(outcome)
    this.#fill()
  }

  async #draw(number: number): Promise<readonly HeldKey[] | TrefoilError> {
    try {
      return await this.#context.failover.draw(this, number, this.#context.closing)
    } catch (thrown) {
      return thrown as TrefoilError
    }
  }

  #arrived(keys: readonly HeldKey[]): void {
    const { now } = this.#context.settings
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer)
    this.#retryTimer = null
    this.#retry.reset()
    for (const key of keys) {
      if (this.#context.closing.aborted) key.burn()
      else if (this.#pool.isTooOld(key, now())) key.expire()
      else if (this.#callers.serve(key)) continue
      else if (this.#pool.size < this.#settings.highWaterMark) this.#pool.add(key)
      // Its caller gave up, and there is no room.
      else key.burn()
    }
    this.#watchExpiry()
  }

  /** Callers that waited when the pass began, and for whom no other is under way, are refused; the pool pauses. */
  #failed(error: TrefoilError, latestCaller: number): void {
    if (this.#context.closing.aborted) return
    this.#callers.refuse(latestCaller, this.#expected, error)
    if (this.#retryTimer !== null) return
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = null
      this.#fill()
    }, this.#retry.next())
    this.#retryTimer.unref()
  }

  #expire(): void {
    const count = this.#pool.expire(this.#context.settings.now())
    if (count > 0) this.#context.notify('expired', { peerSaeId: this.peerSaeId, count })
  }

  #watchExpiry(): void {
    const milliseconds = this.#pool.untilNextExpiry(this.#context.settings.now())
    if (milliseconds === null || this.#expiryTimer !== null || this.#context.closing.aborted) return
    this.#expiryTimer = setTimeout(
      () => {
        this.#expiryTimer = null
        this.#expire()
        this.#fill()
        this.#watchExpiry()
      },
      Math.max(1, Math.ceil(milliseconds)),
    )
    this.#expiryTimer.unref()
  }
}
