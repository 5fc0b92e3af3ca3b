/**
 * The key manager of one site without its HTTP: who may have which key (ETSI GS QKD 014 clause 5). The site gives its
 * own SAEs fresh keys and tells the other site of them; the other site's SAEs collect them there.
 */
import { wipe } from '../../bytes.js'
import { type JsonObject, MESSAGES } from '../etsi014/wire.js'
import { uuidFrom } from '../identifiers.js'
import type { QkdKey } from '../keySource.js'
import { RequestRefused } from './answer.js'
import type { KeyMaterialSource } from './keyMaterial.js'
import { KeyPool } from './keyPool.js'
import { type KeyDelivery, WaitingKeys } from './waitingKeys.js'

/** A key manager and the SAEs of its site. */
export interface SiteDescription {
  readonly kmeId: string
  readonly sae: readonly string[]
}

/** The way by which the other site learns of keys given out here. Resolves when it holds them. */
export type DeliverToPeer = (delivery: KeyDelivery) => Promise<void>

export interface KeyLimits {
  /** Bits of a key when the request names no size; default 256. */
  readonly keySize?: number
  /** In bits; default 64. */
  readonly minKeySize?: number
  /** In bits; default 1024. */
  readonly maxKeySize?: number
  /** Default 128. */
  readonly maxKeysPerRequest?: number
  /** Keys of default size kept in stock for each pair of SAEs; default 1000. */
  readonly maxKeyCount?: number
  /** How long a key waits for its slave; default 10 minutes. */
  readonly keyLifetimeMilliseconds?: number
}

export interface SiteOptions extends KeyLimits {
  readonly site: SiteDescription
  readonly peer: SiteDescription
  readonly random: (length: number) => Uint8Array
  /** Secret bits for one pair of SAEs; asked once for each pair. */
  readonly material: (masterSaeId: string, slaveSaeId: string) => KeyMaterialSource
  readonly deliverToPeer: DeliverToPeer
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number
}

const MAX_WAITING_KEYS = 100_000

export class Site {
  readonly kmeId: string
  readonly sae: ReadonlySet<string>
  readonly #peerKmeId: string
  readonly #peerSae: ReadonlySet<string>
  readonly #options: SiteOptions
  readonly #limits: Required<Omit<KeyLimits, 'keyLifetimeMilliseconds'>>
  readonly #pools = new Map<string, KeyPool>()
  readonly #waiting: WaitingKeys

  constructor(options: SiteOptions) {
    this.#options = options
    this.kmeId = options.site.kmeId
    this.sae = new Set(options.site.sae)
    this.#peerKmeId = options.peer.kmeId
    this.#peerSae = new Set(options.peer.sae)
    this.#limits = {
      keySize: options.keySize ?? 256,
      minKeySize: options.minKeySize ?? 64,
      maxKeySize: options.maxKeySize ?? 1024,
      maxKeysPerRequest: options.maxKeysPerRequest ?? 128,
      maxKeyCount: options.maxKeyCount ?? 1000,
    }
    this.#waiting = new WaitingKeys(options.keyLifetimeMilliseconds ?? 600_000, MAX_WAITING_KEYS, options.now)
  }

  /** Status (6.1). */
  status(master: string, slave: string): JsonObject {
    this.#requireSlave(slave)
    const { keySize, minKeySize, maxKeySize, maxKeysPerRequest, maxKeyCount } = this.#limits
    return {
      source_KME_ID: this.kmeId,
      target_KME_ID: this.#peerKmeId,
      master_SAE_ID: master,
      slave_SAE_ID: slave,
      key_size: keySize,
      stored_key_count: Math.floor(this.#poolFor(master, slave).fill() / (keySize / 8)),
      max_key_count: maxKeyCount,
      max_key_per_request: maxKeysPerRequest,
      max_key_size: maxKeySize,
      min_key_size: minKeySize,
      max_SAE_ID_count: this.#maxAdditionalSlaves,
    }
  }

  /** Get key (5.3). The caller wipes the keys. */
  async issue(
    master: string,
    slave: string,
    request: { number: number; size: number | null; additionalSlaves: readonly string[] },
  ): Promise<QkdKey[]> {
    const { keySize, minKeySize, maxKeySize, maxKeysPerRequest } = this.#limits
    const size = request.size ?? keySize
    if (request.additionalSlaves.length > this.#maxAdditionalSlaves) {
      throw new RequestRefused(400, `additional_slave_SAE_IDs shall name at most ${this.#maxAdditionalSlaves} SAEs`)
    }
    const slaves = [slave, ...request.additionalSlaves]
    for (const each of slaves) this.#requireSlave(each)
    if (new Set(slaves).size !== slaves.length) throw new RequestRefused(400, 'a slave SAE is given twice')
    if (request.number > maxKeysPerRequest)
      throw new RequestRefused(400, `number shall be at most ${maxKeysPerRequest}`)
    if (size < minKeySize || size > maxKeySize) {
      throw new RequestRefused(400, `size shall be from ${minKeySize} to ${maxKeySize}`)
    }
    const pool = this.#poolFor(master, slave)
    const taken = pool.take(request.number, size / 8)
    if (taken === null) throw new RequestRefused(503, pool.reason ?? 'not enough keys are stored')
    const keys = taken.map((key) => ({ keyId: uuidFrom(this.#options.random(16)), key }))
    try {
      await this.#options.deliverToPeer({ master, slaves, keys })
    } catch {
      wipe(...taken)
      throw new RequestRefused(503, 'the key manager of the other site does not answer')
    }
    return keys
  }

  /** Get key with key IDs (5.4). The caller wipes the keys. */
  collect(slave: string, master: string, keyIds: readonly string[]): QkdKey[] {
    if (keyIds.length > this.#limits.maxKeysPerRequest) {
      throw new RequestRefused(400, `key_IDs shall name at most ${this.#limits.maxKeysPerRequest} keys`)
    }
    const collected = this.#waiting.collect(slave, master, keyIds)
    if (collected === 'not-found') throw new RequestRefused(400, MESSAGES.keysNotFound)
    // 5.4: only a slave that the Get key request named may have the key.
    if (collected === 'not-yours') throw new RequestRefused(401)
    return collected
  }

  /** Takes over keys that the other site gave out; it keeps its copies. False when they cannot be ours. */
  accept(delivery: KeyDelivery): boolean {
    if (!this.#peerSae.has(delivery.master) || !delivery.slaves.every((slave) => this.sae.has(slave))) return false
    return this.#waiting.add(delivery)
  }

  burnAll(): void {
    for (const pool of this.#pools.values()) pool.wipe()
    this.#pools.clear()
    this.#waiting.burnAll()
  }

  get #maxAdditionalSlaves(): number {
    return Math.max(0, this.#peerSae.size - 1)
  }

  #requireSlave(slave: string): void {
    if (!this.#peerSae.has(slave)) throw new RequestRefused(400, 'the slave SAE is not known at the other site')
  }

  #poolFor(master: string, slave: string): KeyPool {
    const name = JSON.stringify([master, slave])
    let pool = this.#pools.get(name)
    if (pool === undefined) {
      const { keySize, maxKeyCount } = this.#limits
      pool = new KeyPool(this.#options.material(master, slave), (maxKeyCount * keySize) / 8)
      this.#pools.set(name, pool)
    }
    return pool
  }
}
