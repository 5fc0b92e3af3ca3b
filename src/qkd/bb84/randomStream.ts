/**
 * Randomness for the simulation, all of it from one seed, so that a run can be repeated: the keystream of AES-256 in
 * counter mode, with a key of its own for each purpose. A run is as unpredictable as its seed, and no more: a simulated
 * link is computationally secure at best, whatever the physics of a real one.
 */
import { type CipherGCM, createCipheriv, hkdfSync } from 'node:crypto'

const CHUNK = 65_536
const ZEROS = new Uint8Array(CHUNK)

export class RandomStream {
  readonly #cipher: Pick<CipherGCM, 'update'>
  #words = new Uint32Array(0)
  #next = 0
  #bits = 0
  #bitCount = 0

  /** @param purpose names the stream: different purposes give independent streams */
  constructor(seed: Uint8Array, purpose: string) {
    const key = new Uint8Array(hkdfSync('sha256', seed, new Uint8Array(0), `trefoil bb84 ${purpose}`, 32))
    this.#cipher = createCipheriv('aes-256-ctr', key, new Uint8Array(16))
    key.fill(0)
  }

  /** Uniform on 0 to 2^32 − 1. */
  word(): number {
    if (this.#next === this.#words.length) this.#refill()
    return this.#words[this.#next++] as number
  }

  /** Uniform on [0, 1), with 53 bits. */
  fraction(): number {
    const high = this.word() >>> 5
    return (high * 67_108_864 + (this.word() >>> 6)) / 9_007_199_254_740_992
  }

  bit(): 0 | 1 {
    if (this.#bitCount === 0) {
      this.#bits = this.word()
      this.#bitCount = 32
    }
    const bit = (this.#bits & 1) as 0 | 1
    this.#bits >>>= 1
    this.#bitCount--
    return bit
  }

  /** Uniform on 0 to bound − 1, for a bound from 1 to 2^31. */
  below(bound: number): number {
    const shift = Math.clz32(bound)
    let candidate = this.word() >>> shift
    while (candidate >= bound) candidate = this.word() >>> shift
    return candidate
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length)
    for (let i = 0; i < length; i++) bytes[i] = this.word() >>> 24
    return bytes
  }

  #refill(): void {
    const chunk = Uint8Array.from(this.#cipher.update(ZEROS))
    this.#words = new Uint32Array(chunk.buffer)
    this.#next = 0
  }
}

/** A random order of 0 to length − 1 (Fisher and Yates), the same for whoever has the seed. */
export function permutation(length: number, seed: Uint8Array, purpose: string): Uint32Array {
  const stream = new RandomStream(seed, purpose)
  const order = new Uint32Array(length)
  for (let i = 0; i < length; i++) order[i] = i
  for (let i = length - 1; i > 0; i--) {
    const j = stream.below(i + 1)
    const held = order[i] as number
    order[i] = order[j] as number
    order[j] = held
  }
  return order
}
