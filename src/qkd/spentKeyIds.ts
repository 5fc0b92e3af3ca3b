/**
 * The key_IDs a source has dealt with lately. A key that ends up in two sessions opens the dependent-key attacks of
 * arXiv 2509.12478, so the consumer does not rest on the key manager's promise to deliver once.
 */
export class SpentKeyIds {
  readonly #capacity: number
  /** In the order of arrival, so the first is the oldest. */
  readonly #ids = new Set<string>()

  /** @param capacity how many are remembered; at 256 characters each, ten thousand cost 5 MB at worst */
  constructor(capacity = 10_000) {
    this.#capacity = capacity
  }

  /** Marks an ID as spent; false when it was so already. */
  spend(keyId: string): boolean {
    if (this.#ids.has(keyId)) return false
    this.#ids.add(keyId)
    if (this.#ids.size > this.#capacity) this.#forgetOldest()
    return true
  }

  has(keyId: string): boolean {
    return this.#ids.has(keyId)
  }

  #forgetOldest(): void {
    const [oldest] = this.#ids
    if (oldest !== undefined) this.#ids.delete(oldest)
  }
}
