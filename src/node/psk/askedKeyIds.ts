/**
 * The key_IDs that a server has asked its key source for. None is asked for twice, so a recorded ClientHello does not
 * reach the key manager again, nor does a consumer rest on the key manager's promise to deliver a key once: a key in
 * two sessions opens the dependent-key attacks of arXiv 2509.12478.
 *
 * Used key_IDs and all others are remembered apart. Anybody can make up the others, and a flood of them pushes out only
 * its like; a used one takes a key that really was there.
 */
export interface AskedKeyIdsOptions {
  /** Used key_IDs remembered; default 100,000. A UUID takes about 150 bytes. */
  readonly used?: number | undefined
  /** Others remembered; default 10,000. They are at most 256 characters each, hence 6 MB at worst. */
  readonly others?: number | undefined
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Far beyond the time for which a key manager keeps a key that nobody fetches. */
const USED_MILLISECONDS = 24 * 60 * 60 * 1000
const OTHER_MILLISECONDS = 10 * 60 * 1000

export class AskedKeyIds {
  readonly #underWay = new Set<string>()
  readonly #used: Memory
  readonly #others: Memory
  readonly #now: () => number

  constructor(options: AskedKeyIdsOptions) {
    this.#used = new Memory(options.used ?? 100_000, USED_MILLISECONDS)
    this.#others = new Memory(options.others ?? 10_000, OTHER_MILLISECONDS)
    this.#now = options.now
  }

  /** Marks one as asked for; false when it was so already. Must be followed by {@link end}. */
  begin(peerSaeId: string, keyId: string): boolean {
    const name = nameOf(peerSaeId, keyId)
    const now = this.#now()
    if (this.#underWay.has(name) || this.#used.has(name, now) || this.#others.has(name, now)) return false
    this.#underWay.add(name)
    return true
  }

  /** @param used a key came of it that goes into a handshake */
  end(peerSaeId: string, keyId: string, used: boolean): void {
    const name = nameOf(peerSaeId, keyId)
    this.#underWay.delete(name)
    const memory = used ? this.#used : this.#others
    memory.add(name, this.#now())
  }
}

class Memory {
  readonly #capacity: number
  readonly #milliseconds: number
  /** Until when, in the order of arrival. */
  readonly #names = new Map<string, number>()

  constructor(capacity: number, milliseconds: number) {
    this.#capacity = capacity
    this.#milliseconds = milliseconds
  }

  has(name: string, now: number): boolean {
    return (this.#names.get(name) ?? Number.NEGATIVE_INFINITY) > now
  }

  add(name: string, now: number): void {
    this.#names.delete(name)
    this.#names.set(name, now + this.#milliseconds)
    for (const [oldest, until] of this.#names) {
      if (until > now && this.#names.size <= this.#capacity) return
      this.#names.delete(oldest)
    }
  }
}

function nameOf(peerSaeId: string, keyId: string): string {
  // Neither can hold a control character.
  return `${peerSaeId}\n${keyId}`
}
