/**
 * Two key sources in one process that share keys in memory: for tests, examples and both ends of a link in one
 * program. Every key is handed to each side once.
 */
import { copy, wipe } from '../bytes.js'
import { TrefoilError } from '../errors.js'
import { refuseIfAborted } from './abort.js'
import { MEMORY_LINK } from './deliveryLink.js'
import { requireSaeId, uuidFrom } from './identifiers.js'
import { DEFAULT_KEY_SIZE, keySizeInOctets } from './keySize.js'
import type { KeySource, QkdKey } from './keySource.js'

export interface InProcessPairOptions {
  /** SAE ID of the first source's owner. */
  readonly siteA: string
  /** SAE ID of the second source's owner. */
  readonly siteB: string
  /** Default `in-process`. */
  readonly name?: string
  /** In bits; default 256. */
  readonly keySize?: number
  /** How many keys there are for both sides together; default: as many as anyone asks for. */
  readonly supply?: number
  /** Fresh random octets: `length` of them. */
  readonly random: (length: number) => Uint8Array
}

/** Keys that one side got and the other has not asked for yet; beyond this many the oldest are burnt. */
const MAX_WAITING_KEYS = 10_000

/**
 * Sources for the SAEs `siteA` and `siteB`, in that order. They refuse with
 * - ERR_QKD_REFUSED: any other peer,
 * - ERR_QKD_EXHAUSTED: `supply` is used up,
 * - ERR_QKD_KEY_NOT_FOUND: a key_ID that the peer never got, or that was fetched before,
 * - ERR_ABORTED: the signal had fired.
 * @throws TrefoilError ERR_INVALID_OPTION on SAE IDs that are unusable or the same, or an unusable key size
 */
export function inProcessPair(options: InProcessPairOptions): [KeySource, KeySource] {
  const siteA = requireSaeId(options.siteA)
  const siteB = requireSaeId(options.siteB)
  if (siteA === siteB) throw new TrefoilError('ERR_INVALID_OPTION', 'both ends of the pair have the same SAE ID')
  const keyLength = keySizeInOctets(options.keySize ?? DEFAULT_KEY_SIZE)
  const link = new Link(keyLength, options.supply ?? Number.MAX_SAFE_INTEGER, options.random)
  const name = options.name ?? 'in-process'
  const fromA = new Map<string, Uint8Array>()
  const fromB = new Map<string, Uint8Array>()
  return [
    sourceFor({ name, link, peer: siteB, out: fromA, in: fromB }),
    sourceFor({ name, link, peer: siteA, out: fromB, in: fromA }),
  ]
}

/** What both ends draw on. */
class Link {
  readonly keyLength: number
  remaining: number
  readonly #random: (length: number) => Uint8Array

  constructor(keyLength: number, supply: number, random: (length: number) => Uint8Array) {
    this.keyLength = keyLength
    this.remaining = supply
    this.#random = random
  }

  draw(): QkdKey {
    if (this.remaining <= 0) throw new TrefoilError('ERR_QKD_EXHAUSTED', 'the in-process pair has no key left')
    this.remaining--
    const keyId = uuidFrom(this.#random(16))
    return { keyId, key: Uint8Array.from(this.#random(this.keyLength)), delivery: MEMORY_LINK }
  }
}

interface End {
  readonly name: string
  readonly link: Link
  readonly peer: string
  /** Keys this end got and the peer may fetch. */
  readonly out: Map<string, Uint8Array>
  /** Keys the peer got and this end may fetch. */
  readonly in: Map<string, Uint8Array>
}

function sourceFor(end: End): KeySource {
  const check = (peerSaeId: string, signal: AbortSignal | undefined): void => {
    refuseIfAborted(signal)
    if (peerSaeId !== end.peer) {
      throw new TrefoilError('ERR_QKD_REFUSED', 'the in-process pair shares no keys with that SAE')
    }
  }
  return {
    name: end.name,
    deliveryLink: MEMORY_LINK,
    async getKey(peerSaeId, options = {}) {
      check(peerSaeId, options.signal)
      const drawn = end.link.draw()
      end.out.set(drawn.keyId, copy(drawn.key))
      burnOldest(end.out)
      return drawn
    },
    async getKeyWithId(peerSaeId, keyId, options = {}) {
      check(peerSaeId, options.signal)
      const key = end.in.get(keyId)
      if (key === undefined) {
        throw new TrefoilError('ERR_QKD_KEY_NOT_FOUND', 'the peer named a key that is unknown or was fetched before')
      }
      end.in.delete(keyId)
      return { keyId, key, delivery: MEMORY_LINK }
    },
    async status(peerSaeId, options = {}) {
      check(peerSaeId, options.signal)
      const keySize = 8 * end.link.keyLength
      return {
        storedKeyCount: end.link.remaining,
        maxKeyCount: Number.MAX_SAFE_INTEGER,
        keySize,
        minKeySize: keySize,
        maxKeySize: keySize,
        maxKeysPerRequest: 1,
      }
    },
  }
}

function burnOldest(waiting: Map<string, Uint8Array>): void {
  if (waiting.size <= MAX_WAITING_KEYS) return
  const [oldest] = waiting
  if (oldest === undefined) return
  waiting.delete(oldest[0])
  wipe(oldest[1])
}
