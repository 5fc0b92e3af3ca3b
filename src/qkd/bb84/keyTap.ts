/** Where the link's keys wait for their takers: a queue at each site, and a way to share both among several takers. */
import { constantTimeEqual, wipe } from '../../bytes.js'
import { TrefoilError } from '../../errors.js'
import type { KeyMaterialSource } from '../kme/keyMaterial.js'

/** The secret octets at one site, in order, each given once. The other site's tap gives the same ones. */
export class KeyTap implements KeyMaterialSource {
  readonly #reason: () => string | null
  readonly #onDrawn: () => void
  readonly #blocks: Uint8Array[] = []
  #available = 0
  #given = 0

  constructor(reason: () => string | null, onDrawn: () => void) {
    this.#reason = reason
    this.#onDrawn = onDrawn
  }

  /** Octets on hand. */
  get available(): number {
    return this.#available
  }

  /** Octets given so far: where in the link's output the next one stands. */
  get offset(): number {
    return this.#given
  }

  get reason(): string | null {
    return this.#reason()
  }

  draw(length: number): Uint8Array {
    const drawn = new Uint8Array(Math.min(length, this.#available))
    for (let filled = 0; filled < drawn.length; ) {
      const block = this.#blocks[0] as Uint8Array
      const part = block.subarray(0, drawn.length - filled)
      drawn.set(part, filled)
      filled += part.length
      wipe(part)
      if (part.length === block.length) this.#blocks.shift()
      else this.#blocks[0] = block.subarray(part.length)
    }
    this.#available -= drawn.length
    this.#given += drawn.length
    if (drawn.length > 0) this.#onDrawn()
    return drawn
  }

  /** Takes over the key of a block. */
  fill(block: Uint8Array): void {
    if (block.length === 0) return
    this.#blocks.push(block)
    this.#available += block.length
  }

  wipe(): void {
    wipe(...this.#blocks.splice(0))
    this.#available = 0
  }
}

/** As much goes to whoever asks first; beyond it each taker gets no more than an equal share of what is there. */
const FIRST_COME = 1024

/**
 * The output of a link for several takers where both sites are in one process: an octet that one of them got is gone at
 * both sites.
 */
export class SharedTaps {
  readonly #a: KeyTap
  readonly #b: KeyTap
  #takers = 0

  constructor(a: KeyTap, b: KeyTap) {
    this.#a = a
    this.#b = b
  }

  taker(): KeyMaterialSource {
    this.#takers++
    const taps = { a: this.#a, b: this.#b }
    return {
      draw: (length) => this.#draw(length),
      get reason() {
        return taps.a.reason
      },
    }
  }

  #draw(length: number): Uint8Array {
    if (this.#a.offset !== this.#b.offset) {
      throw new TrefoilError('ERR_INVALID_STATE', 'one site of the link has been drawn from without the other')
    }
    const available = Math.min(this.#a.available, this.#b.available)
    const share = Math.min(length, Math.max(Math.min(available, FIRST_COME), Math.floor(available / this.#takers)))
    const [drawn, twin] = [this.#a.draw(share), this.#b.draw(share)]
    const same = constantTimeEqual(drawn, twin)
    wipe(twin)
    if (same) return drawn
    wipe(drawn)
    throw new TrefoilError('ERR_INTERNAL', 'the sites of the link hold different keys')
  }
}
