/**
 * Reconciliation by Cascade (Brassard and Salvail, EUROCRYPT '93): Bob corrects his key towards Alice's by asking for
 * parities. Each pass shuffles the key and cuts it into blocks; a block whose parities differ holds an odd number of
 * errors, and halving it finds one; every error found turns earlier blocks odd again, which are searched in turn.
 *
 * Block sizes are those that Martinez-Mateo, Pacher, Peev, Ciurana and Martin, Quantum Inf. Comput. 15, 453 (2015),
 * arXiv 1407.3257, found good: 2^⌈log2(1/Q)⌉, four times that, then half the key. What can be inferred from parities known
 * already is not asked again: the right half of a block, blocks searched before, the last block of a later pass.
 *
 * Leakage is one bit for every parity that Alice sent. Bob's questions tell an eavesdropper something as well, though
 * only of where errors were; that is not counted here, as it is not in most of the literature. Tupkary and Lütkenhaus,
 * Phys. Rev. Applied 20, 064040 (2023), arXiv 2307.00576, point out that a proof must cover it, and find the same key
 * rates with it in many practical cases.
 */
import { badMessage } from './octets.js'
import { permutation } from './randomStream.js'

/** Parities of ranges [start, end) of the key as shuffled for a pass. */
export interface ParityQuery {
  readonly pass: number
  /** start and end, start and end, …; ascending and disjoint. */
  readonly ranges: Uint32Array
}

export interface Reconciled {
  readonly correctedBits: number
  /** Distinct parities that Alice sent. */
  readonly leakedBits: number
}

/** Two passes of searching, then halves: each further one halves the chance that a pair of errors stays unseen. */
export const CASCADE_PASSES = 14

/** Sizes of the blocks of each pass, from the error rate expected. */
export function blockSizes(length: number, errorRate: number): number[] {
  const half = Math.max(1, Math.ceil(length / 2))
  const first = 2 ** Math.ceil(Math.log2(1 / Math.min(0.5, Math.max(errorRate, 1e-4))))
  return Array.from({ length: CASCADE_PASSES }, (_, pass) => Math.min(half, [first, 4 * first][pass] ?? half))
}

/** The order of the key in a pass. */
export function passOrder(length: number, seed: Uint8Array, pass: number): Uint32Array {
  return permutation(length, seed, `pass ${pass}`)
}

/**
 * Bob's side: yields what to ask and takes the answers, one bit a byte. Changes `key` into Alice's, almost certainly:
 * what was missed is for verification to find.
 * @param seed names the shuffles; public, and the same at both ends
 * @throws BlockAborted when the answers contradict each other
 */
export function* reconcile(
  key: Uint8Array,
  errorRate: number,
  seed: Uint8Array,
): Generator<ParityQuery, Reconciled, Uint8Array> {
  const cascade = new Cascade(key)
  const sizes = blockSizes(key.length, errorRate)
  for (let pass = 0; pass < sizes.length; pass++) {
    yield* cascade.begin(passOrder(key.length, seed, pass), sizes[pass] as number)
    for (let odd = cascade.nextOddPass(); odd !== null; odd = cascade.nextOddPass()) yield* cascade.search(odd)
  }
  return { correctedBits: cascade.correctedBits, leakedBits: cascade.leakedBits }
}

interface Pass {
  readonly number: number
  readonly order: Uint32Array
  /** Where each bit of the key went: the inverse of `order`. */
  readonly places: Uint32Array
  readonly size: number
  /** Alice's parities by range. */
  readonly known: Map<number, number>
  /** Starts of the blocks that hold an odd number of errors. */
  readonly odd: Set<number>
}

interface Search {
  start: number
  end: number
}

class Cascade {
  correctedBits = 0
  leakedBits = 0
  readonly #key: Uint8Array
  readonly #corrected: Uint8Array
  readonly #passes: Pass[] = []
  /** Alice's parity of the whole key, known after the first pass. */
  #total = 0

  constructor(key: Uint8Array) {
    this.#key = key
    this.#corrected = new Uint8Array(key.length)
  }

  /** Learns the parities of all blocks of a new pass. */
  *begin(order: Uint32Array, size: number): Generator<ParityQuery, void, Uint8Array> {
    const places = new Uint32Array(order.length)
    for (let i = 0; i < order.length; i++) places[order[i] as number] = i
    const pass: Pass = { number: this.#passes.length, order, places, size, known: new Map(), odd: new Set() }
    this.#passes.push(pass)
    const blocks: Search[] = []
    for (let start = 0; start < order.length; start += size) blocks.push(this.#block(pass, start))
    const last = pass.number === 0 ? undefined : blocks.pop()
    yield* this.#ask(pass, blocks)
    let sum = 0
    for (const block of blocks) sum ^= this.#known(pass, block)
    if (last === undefined) this.#total = sum
    else pass.known.set(this.#name(last), this.#total ^ sum)
    for (const block of last === undefined ? blocks : [...blocks, last]) {
      if (this.#parity(pass, block) !== this.#known(pass, block)) pass.odd.add(block.start)
    }
  }

  /** The pass with the smallest blocks among those that have odd ones. */
  nextOddPass(): Pass | null {
    return this.#passes.find(({ odd }) => odd.size > 0) ?? null
  }

  /** Finds and corrects one error in each odd block of a pass, all blocks side by side. */
  *search(pass: Pass): Generator<ParityQuery, void, Uint8Array> {
    let searches = [...pass.odd].sort((a, b) => a - b).map((start) => this.#block(pass, start))
    const found: number[] = []
    while (searches.length > 0) {
      const unknown = searches.map(leftHalf).filter((half) => half.end > half.start && !this.#isKnown(pass, half))
      if (unknown.length > 0) yield* this.#ask(pass, unknown)
      for (const search of searches) this.#narrow(pass, search)
      for (const { start, end } of searches) if (end - start === 1) found.push(pass.order[start] as number)
      searches = searches.filter(({ start, end }) => end - start > 1)
    }
    for (const position of found) this.#flip(position)
  }

  /** Goes on with the half that holds an odd number of errors. */
  #narrow(pass: Pass, search: Search): void {
    if (search.end - search.start === 1) return
    const left = leftHalf(search)
    const right = { start: left.end, end: search.end }
    const leftParity = this.#known(pass, left)
    if (!this.#isKnown(pass, right)) pass.known.set(this.#name(right), this.#known(pass, search) ^ leftParity)
    const odd = this.#parity(pass, left) !== leftParity ? left : right
    search.start = odd.start
    search.end = odd.end
  }

  #flip(position: number): void {
    // True parities lead to true errors only, so no bit is ever changed twice; false ones could go on for ever.
    if (this.#corrected[position] === 1) throw badMessage()
    this.#corrected[position] = 1
    this.#key[position] = (this.#key[position] as number) ^ 1
    this.correctedBits++
    for (const { places, size, odd } of this.#passes) {
      const place = places[position] as number
      const start = place - (place % size)
      if (!odd.delete(start)) odd.add(start)
    }
  }

  *#ask(pass: Pass, asked: readonly Search[]): Generator<ParityQuery, void, Uint8Array> {
    const ranges = new Uint32Array(2 * asked.length)
    asked.forEach(({ start, end }, i) => {
      ranges[2 * i] = start
      ranges[2 * i + 1] = end
    })
    const answers = yield { pass: pass.number, ranges }
    asked.forEach((range, i) => {
      pass.known.set(this.#name(range), answers[i] as number)
    })
    this.leakedBits += asked.length
  }

  #block(pass: Pass, start: number): Search {
    return { start, end: Math.min(start + pass.size, this.#key.length) }
  }

  /** Bob's own parity of a range, as the key stands. */
  #parity(pass: Pass, { start, end }: Search): number {
    let parity = 0
    for (let i = start; i < end; i++) parity ^= this.#key[pass.order[i] as number] as number
    return parity
  }

  #isKnown(pass: Pass, range: Search): boolean {
    return pass.known.has(this.#name(range))
  }

  #known(pass: Pass, range: Search): number {
    return pass.known.get(this.#name(range)) as number
  }

  #name({ start, end }: Search): number {
    return start * (this.#key.length + 1) + end
  }
}

function leftHalf({ start, end }: Search): Search {
  return { start, end: start + ((end - start) >> 1) }
}
