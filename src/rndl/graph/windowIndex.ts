/**
 * Finds octets of some sources inside other octets, whatever their places: every stretch of 16 octets of every source is
 * in a hash table. Sixteen octets of a secret, or of anything derived from one, do not stand in two places by chance.
 */

/** Octets below which an agreement says nothing. */
export const WINDOW = 16

const BASE = 0x01000193
/** BASE^WINDOW: what an octet counts for when it leaves the window. */
const LEAVING = power(BASE, WINDOW)

export class WindowIndex {
  readonly #library: Uint8Array
  /** Of each octet of the library. */
  readonly #owners: Int32Array
  /** Of each source. */
  readonly #starts: readonly number[]
  /** Offsets plus one of the windows with one hash: the first, and after each the next. 0 ends a chain. */
  readonly #heads: Int32Array
  readonly #next: Int32Array
  readonly #shift: number

  constructor(sources: readonly Uint8Array[]) {
    this.#library = Buffer.concat(sources)
    const total = this.#library.length
    const bits = Math.max(8, Math.ceil(Math.log2(total + 1)))
    this.#shift = 32 - bits
    this.#owners = new Int32Array(total)
    this.#next = new Int32Array(total)
    this.#heads = new Int32Array(2 ** bits)
    const starts: number[] = []
    let start = 0
    for (const [source, octets] of sources.entries()) {
      starts.push(start)
      this.#owners.fill(source, start, start + octets.length)
      this.#add(source, octets, start)
      start += octets.length
    }
    this.#starts = starts
  }

  /**
   * Tells of each window of `octets` in which sources it stands, and where first in each. Windows of zeros are nobody's.
   */
  visit(octets: Uint8Array, found: (position: number, source: number, offset: number) => void): void {
    forEachWindow(octets, (position, hash) => {
      for (let entry = this.#heads[this.#slot(hash)] as number; entry !== 0; entry = this.#next[entry - 1] as number) {
        if (!sameWindow(this.#library, entry - 1, octets, position)) continue
        const source = this.#owners[entry - 1] as number
        found(position, source, entry - 1 - (this.#starts[source] as number))
      }
      return undefined
    })
  }

  /** Tells of stretches that stand somewhere in the sources; several may overlap. For when it does not matter where. */
  runs(octets: Uint8Array, found: (start: number, end: number) => void): void {
    forEachWindow(octets, (position, hash) => {
      for (let entry = this.#heads[this.#slot(hash)] as number; entry !== 0; entry = this.#next[entry - 1] as number) {
        if (!sameWindow(this.#library, entry - 1, octets, position)) continue
        const end = this.#endOfRun(octets, position + WINDOW, entry - 1 + WINDOW)
        found(position, end)
        return end - WINDOW + 1
      }
      return undefined
    })
  }

  /** How far what was found goes on, within its source. */
  #endOfRun(octets: Uint8Array, from: number, at: number): number {
    const owner = this.#owners[at - 1]
    let length = 0
    while (
      from + length < octets.length &&
      octets[from + length] === this.#library[at + length] &&
      this.#owners[at + length] === owner
    ) {
      length++
    }
    return from + length
  }

  #add(source: number, octets: Uint8Array, start: number): void {
    forEachWindow(octets, (position, hash) => {
      const slot = this.#slot(hash)
      const offset = start + position
      const head = this.#heads[slot] as number
      // Repetitive sources would make long chains: the first place in each source is enough.
      for (let entry = head; entry !== 0; entry = this.#next[entry - 1] as number) {
        if (this.#owners[entry - 1] === source && sameWindow(this.#library, entry - 1, octets, position))
          return undefined
      }
      this.#next[offset] = head
      this.#heads[slot] = offset + 1
      return undefined
    })
  }

  #slot(hash: number): number {
    return Math.imul(hash, 0x9e3779b1) >>> this.#shift
  }
}

/**
 * Runs through the windows with a rolling hash, leaving out those that are all zeros.
 *
 * @param visit may return the position to go on at, beyond the present one
 */
function forEachWindow(octets: Uint8Array, visit: (position: number, hash: number) => number | undefined): void {
  let hash = 0
  let zeros = 0
  let begin = 0
  for (let end = 0; end < octets.length; end++) {
    const octet = octets[end] as number
    hash = (Math.imul(hash, BASE) + octet + 1) | 0
    if (end - begin >= WINDOW) hash = (hash - Math.imul((octets[end - WINDOW] as number) + 1, LEAVING)) | 0
    zeros = octet === 0 ? zeros + 1 : 0
    if (end - begin < WINDOW - 1 || zeros >= WINDOW) continue
    const next = visit(end - WINDOW + 1, hash)
    if (next === undefined) continue
    hash = 0
    zeros = 0
    begin = next
    end = next - 1
  }
}

function sameWindow(a: Uint8Array, atA: number, b: Uint8Array, atB: number): boolean {
  for (let i = 0; i < WINDOW; i++) if (a[atA + i] !== b[atB + i]) return false
  return true
}

function power(base: number, exponent: number): number {
  let result = 1
  for (let i = 0; i < exponent; i++) result = Math.imul(result, base)
  return result
}
