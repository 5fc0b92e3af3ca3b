/**
 * Chains that were verified lately. The same peers come back with the same chains, and most of what verifying one costs
 * is its signatures: they are as good a minute later, provided that nothing else is different.
 *
 * What must be the same is in the key: every octet of the chain in its order, the store of anchors itself, the schemes
 * accepted, the usage, the provider. What changes by itself, the time and the name asked for, is checked anew on every
 * use. Refusals are not remembered: they are cheap to come by, and a good chain must not wait for a bad memory to fade.
 */

import { concat, toHex, utf8 } from '../bytes.js'
import type { CryptoProvider } from '../crypto/provider.js'
import type { TrustAnchors } from './trustAnchors.js'
import { checkAgain, type VerifiedChain, type VerifyChainOptions, verifyChain } from './verifyChain.js'

export interface VerifiedChainsOptions {
  /** Chains kept at most, 100 unless given; the one used least recently goes first. */
  readonly size?: number | undefined
  /** Milliseconds after which a chain is verified anew, 300,000 unless given. */
  readonly maxAge?: number | undefined
}

interface Entry {
  readonly verified: VerifiedChain
  /** From when until when it may be used: no longer than any certificate on its path. */
  readonly from: number
  readonly until: number
}

const DEFAULT_SIZE = 100
const DEFAULT_MAX_AGE = 300_000

/** A bounded, forgetful memory of good chains, in front of `verifyChain`. */
export class VerifiedChains {
  readonly #size: number
  readonly #maxAge: number
  /** A Map keeps the order of insertion. */
  readonly #entries = new Map<string, Entry>()

  constructor({ size = DEFAULT_SIZE, maxAge = DEFAULT_MAX_AGE }: VerifiedChainsOptions = {}) {
    this.#size = size
    this.#maxAge = maxAge
  }

  /** As {@link verifyChain}. @throws TrefoilError as `verifyChain` */
  verify(options: VerifyChainOptions): VerifiedChain {
    const { time, serverName } = options
    const key = keyOf(options)
    const entry = this.#entries.get(key)
    this.#entries.delete(key)
    // A clock that was set back must not lengthen a life.
    if (entry !== undefined && time >= entry.from && time < entry.until) {
      checkAgain(entry.verified, time, serverName)
      this.#entries.set(key, entry)
      return entry.verified
    }
    const verified = verifyChain(options)
    // RFC 5280 4.1.2.5: the last second is still within.
    const until = Math.min(time + this.#maxAge, ...verified.path.map(({ notAfter }) => notAfter + 1000))
    this.#entries.set(key, { verified, from: time, until })
    if (this.#entries.size > this.#size) this.#entries.delete(this.#entries.keys().next().value as string)
    return verified
  }
}

/** SHA-256 over all that the verdict depends on, each part with its length, in hex. */
function keyOf(options: VerifyChainOptions): string {
  const { chain, anchors, usage, allowedSchemes, leafSchemes, crypto, maxChainLength } = options
  const settings = [
    numberOf(anchors),
    numberOf(crypto),
    usage,
    allowedSchemes,
    leafSchemes ?? null,
    maxChainLength ?? null,
  ]
  const head = utf8(JSON.stringify([...settings, chain.map(({ length }) => length)]))
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, head.length)
  return toHex(crypto.hash('SHA-256', concat(length, head, ...chain)))
}

const numbers = new WeakMap<TrustAnchors | CryptoProvider, number>()
let count = 0

/** Stores and providers are told apart by what they are, not by what they hold: both are immutable. */
function numberOf(thing: TrustAnchors | CryptoProvider): number {
  const known = numbers.get(thing)
  if (known !== undefined) return known
  count++
  numbers.set(thing, count)
  return count
}
