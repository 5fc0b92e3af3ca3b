/**
 * Misbehaviour on command, so that tests meet a key manager that is broken the way real ones are. The keys behind it
 * are dealt with as ever: only what is sent differs.
 */
import type { QkdKey } from '../keySource.js'

export type KeyManagerFault =
  /** Replies are held back until another fault, or none, is set. */
  | 'slow'
  /** Every connection is cut. */
  | 'down'
  /** Keys are one byte short. */
  | 'wrong-length'
  /** Sizes in bits are taken for bytes: keys are eight times as long. */
  | 'bits-as-bytes'
  /** A key comes with the key_ID of the one before. */
  | 'duplicate-id'
  /** A key_ID comes with the bytes of another key. */
  | 'swapped-key'
  /** No key is left. */
  | 'exhausted'
  /** Replies break off in the middle. */
  | 'half-answered'

export class Faults {
  #current: KeyManagerFault | null = null
  #previousKeyId: string | null = null
  readonly #random: (length: number) => Uint8Array
  readonly #held = new Set<() => void>()

  constructor(random: (length: number) => Uint8Array) {
    this.#random = random
  }

  get current(): KeyManagerFault | null {
    return this.#current
  }

  set(fault: KeyManagerFault | null): void {
    this.#current = fault
    if (fault !== 'slow') this.release()
  }

  /** Sends what is held back. */
  release(): void {
    for (const send of this.#held) send()
    this.#held.clear()
  }

  /** Resolves when a reply may be sent. */
  async reply(): Promise<void> {
    if (this.#current === 'slow') await new Promise<void>((resolve) => this.#held.add(resolve))
  }

  /** The keys as they are sent: copies, which the caller wipes. */
  distort(keys: readonly QkdKey[]): QkdKey[] {
    return keys.map((delivered) => {
      const previous = this.#previousKeyId
      this.#previousKeyId = delivered.keyId
      const keyId = this.#current === 'duplicate-id' && previous !== null ? previous : delivered.keyId
      return { keyId, key: this.#distortKey(delivered.key) }
    })
  }

  #distortKey(key: Uint8Array): Uint8Array {
    if (this.#current === 'wrong-length') return Uint8Array.from(key.subarray(1))
    if (this.#current === 'bits-as-bytes') return this.#random(8 * key.length)
    if (this.#current === 'swapped-key') return this.#random(key.length)
    return Uint8Array.from(key)
  }
}
