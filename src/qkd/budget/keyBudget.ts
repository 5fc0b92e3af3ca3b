/** The public face of the key budget: a key source over key sources. docs/key-budget.md says how to size one. */
import { EventEmitter, setMaxListeners } from 'node:events'
import { TrefoilError } from '../../errors.js'
import { abortedRequest, refuseIfAborted } from '../abort.js'
import { bounded } from '../bounded.js'
import { isIdentifier, requireSaeId } from '../identifiers.js'
import type { DeliveryLink, KeyRequestOptions, KeySource, KeySourceStatus, QkdKey } from '../keySource.js'
import type { KeyBudgetEvents, Notify } from './events.js'
import { Failover } from './failover.js'
import type { HeldKey } from './heldKey.js'
import { type KeyBudgetOptions, readSettings, type Settings } from './options.js'
import { PeerSupply } from './peerSupply.js'
import { SingleUse } from './singleUse.js'
import type { KeyBudgetStatistics } from './statistics.js'
import { combinedStatus } from './status.js'

export interface KeyBudget extends KeySource, EventEmitter<KeyBudgetEvents> {
  readonly deliveryLink: DeliveryLink | null
  /** Fills the pool for a peer before the first handshake; what comes of it is told in events. */
  prefetch(peerSaeId: string): void
  /** What was spent so far: frozen, plain numbers and strings. */
  statistics(): KeyBudgetStatistics
  /** Gives up every call with ERR_ABORTED and wipes the pools. Later calls throw ERR_INVALID_STATE. */
  close(): Promise<void>
}

/**
 * A budget over `options.sources`, for both roles: `getKey` takes from a pool that is refilled in the background;
 * `getKeyWithId` asks the sources one after the other, each at most once for a key_ID. Either gives a key out once, and
 * never one whose octets were given out before, as far as `rememberedKeys` goes back.
 *
 * Calls end within `timeoutMilliseconds`, and throw a TrefoilError:
 * - ERR_QKD_EXHAUSTED: no source has a key; at once, with the time until the next is likely, and what each said;
 * - ERR_QKD_QUOTA: the peer's quota is used up;
 * - ERR_QKD_UNREACHABLE: every source rests after failures, or they failed in different ways;
 * - ERR_QKD_TIMEOUT: nothing came in time;
 * - ERR_QKD_KEY_NOT_FOUND: no source holds the key that the peer named, or it was named or given out before;
 * - ERR_QKD_DELIVERY_LINK, or another code of the sources: all of them failed with that;
 * - ERR_ABORTED: the signal fired, or the budget was closed. ERR_INVALID_STATE: it was closed before.
 *   ERR_INVALID_OPTION: an SAE ID that cannot be asked for, or more than 1024 peers.
 * @throws TrefoilError ERR_INVALID_OPTION
 */
export function keyBudget(options: KeyBudgetOptions): KeyBudget {
  return new Budget(readSettings(options))
}

/** Peers are configured, not made up by strangers; more than these are a mistake. */
const MAX_PEERS = 1024

class Budget extends EventEmitter<KeyBudgetEvents> implements KeyBudget {
  readonly name: string
  readonly #settings: Settings
  readonly #failover: Failover
  readonly #singleUse: SingleUse
  readonly #closing = new AbortController()
  readonly #peers = new Map<string, PeerSupply>()
  #deliveryLink: DeliveryLink | null = null

  constructor(settings: Settings) {
    super()
    // A listener for every call under way.
    setMaxListeners(0, this.#closing.signal)
    this.name = settings.name
    this.#settings = settings
    this.#singleUse = new SingleUse(settings.rememberedKeys)
    this.#failover = new Failover({ settings, singleUse: this.#singleUse, notify: this.#notify })
  }

  /** Of the key given out last. */
  get deliveryLink(): DeliveryLink | null {
    return this.#deliveryLink
  }

  getKey(peerSaeId: string, { signal }: KeyRequestOptions = {}): Promise<QkdKey> {
    return this.#counted(peerSaeId, (peer) => peer.take(signal))
  }

  getKeyWithId(peerSaeId: string, keyId: string, { signal }: KeyRequestOptions = {}): Promise<QkdKey> {
    return this.#counted(peerSaeId, async (peer) => {
      refuseIfAborted(signal)
      // The peer chose the key_ID: what cannot be one, and what was fetched for ourselves (a reflection), stops here.
      if (!isIdentifier(keyId) || !this.#singleUse.ask(keyId)) {
        const message = 'the peer named a key that is unusable, or that was named or given out before'
        throw new TrefoilError('ERR_QKD_KEY_NOT_FOUND', message)
      }
      const milliseconds = this.#settings.timeout
      const message = `no key source gave the key that the peer named within ${milliseconds} milliseconds`
      const key = await bounded<HeldKey>((over) => this.#failover.fetch(peer, keyId, over), {
        milliseconds,
        signals: [signal, this.#closing.signal],
        timedOut: () => new TrefoilError('ERR_QKD_TIMEOUT', message),
        aborted: () => abortedRequest(signal),
        discard: (late) => late.burn(),
        keepsAlive: true,
      })
      return key.giveOut()
    })
  }

  /** What the pool and all sources that answer hold together. @throws TrefoilError when none answers */
  status(peerSaeId: string, { signal }: KeyRequestOptions = {}): Promise<KeySourceStatus> {
    return this.#counted(peerSaeId, (peer) =>
      bounded((over) => combinedStatus(this.#failover.suppliers, peer, over), {
        milliseconds: this.#settings.timeout,
        signals: [signal, this.#closing.signal],
        timedOut: () => new TrefoilError('ERR_QKD_TIMEOUT', 'no key source told its status in time'),
        aborted: () => abortedRequest(signal),
        discard: () => {},
        keepsAlive: true,
      }),
    )
  }

  prefetch(peerSaeId: string): void {
    this.#peer(peerSaeId).prefetch()
  }

  statistics(): KeyBudgetStatistics {
    return Object.freeze({
      peers: Object.freeze([...this.#peers.values()].map((peer) => peer.statistics())),
      sources: Object.freeze(this.#failover.suppliers.map((supplier) => supplier.statistics())),
    })
  }

  async close(): Promise<void> {
    this.#closing.abort()
    for (const peer of this.#peers.values()) peer.close()
  }

  async #counted<T extends QkdKey | KeySourceStatus>(
    peerSaeId: string,
    call: (peer: PeerSupply) => Promise<T>,
  ): Promise<T> {
    const peer = this.#peer(peerSaeId)
    try {
      const result = await call(peer)
      if ('keyId' in result) this.#deliveryLink = result.delivery ?? null
      return result
    } catch (error) {
      if (error instanceof TrefoilError) peer.tally.fail(error.code)
      throw error
    }
  }

  #peer(peerSaeId: string): PeerSupply {
    if (this.#closing.signal.aborted) throw new TrefoilError('ERR_INVALID_STATE', 'the key budget is closed')
    let peer = this.#peers.get(requireSaeId(peerSaeId))
    if (peer === undefined) {
      if (this.#peers.size >= MAX_PEERS) {
        throw new TrefoilError('ERR_INVALID_OPTION', `the key budget was asked for more than ${MAX_PEERS} peers`)
      }
      const { signal: closing } = this.#closing
      const context = { settings: this.#settings, failover: this.#failover, notify: this.#notify, closing }
      peer = new PeerSupply(peerSaeId, context)
      this.#peers.set(peerSaeId, peer)
    }
    return peer
  }

  /** Later, so that a listener may call us, or throw, without coming between. */
  readonly #notify: Notify = (name, event) => {
    if (this.listenerCount(name) === 0) return
    const detail = Object.freeze(event)
    // The compiler cannot see that name and event belong together; the type of Notify says it.
    queueMicrotask(() => (this as EventEmitter).emit(name, detail))
  }
}
