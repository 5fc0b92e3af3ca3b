/**
 * What was parsed lately, by the octets it was parsed from. The same few certificates arrive again and again, and
 * parsing one costs more than all checks on it but its signature. Only parsing is remembered, never a verdict.
 */

const MAX_ENTRIES = 100
/** Octets; what is longer is rare and not worth its memory. */
const MAX_LENGTH = 16_000

/** A bounded cache that forgets first what was asked for least recently. */
export class ParsingCache<T> {
  /** By the octets themselves, one character each; a Map keeps the order of insertion. */
  readonly #entries = new Map<string, T>()

  /** The value for `octets`: remembered, or made by `parse`, whose failures are not remembered. */
  get(octets: Uint8Array, parse: () => T): T {
    if (octets.length > MAX_LENGTH) return parse()
    const key = textOf(octets)
    const value = this.#entries.get(key) ?? parse()
    this.#entries.delete(key)
    this.#entries.set(key, value)
    if (this.#entries.size > MAX_ENTRIES) this.#entries.delete(this.#entries.keys().next().value as string)
    return value
  }
}

/** One character for each octet, exactly: no two inputs give the same text. Spread arguments would be far slower. */
function textOf(octets: Uint8Array): string {
  return String.fromCharCode.apply(null, octets as unknown as number[])
}
