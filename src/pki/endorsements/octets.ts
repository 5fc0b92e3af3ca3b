/** Reads integers and vectors from octets, front to back. */
export class Octets {
  readonly #octets: Uint8Array
  #position = 0

  constructor(octets: Uint8Array) {
    this.#octets = octets
  }

  get position(): number {
    return this.#position
  }

  /** A view. @throws RangeError when fewer are left, as everything here */
  take(length: number): Uint8Array {
    const end = this.#position + length
    if (end > this.#octets.length) throw new RangeError('it ends too early')
    const taken = this.#octets.subarray(this.#position, end)
    this.#position = end
    return taken
  }

  /** Big-endian. Above 2^53 the value is not exact, and outside every bound there is. */
  uint(length: 1 | 2 | 8): number {
    return this.take(length).reduce((value, octet) => 256 * value + octet, 0)
  }

  /** What a length of so many octets precedes. A view. */
  vector(prefix: 1 | 2): Uint8Array {
    return this.take(this.uint(prefix))
  }

  end(): void {
    if (this.#position < this.#octets.length) throw new RangeError('octets are left over after its end')
  }
}
