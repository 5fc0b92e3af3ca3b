/** Bit strings: one bit a byte while they are worked on, eight a byte (first bit highest) on the wire. */

/** @param bits each 0 or 1 */
export function packBits(bits: Uint8Array): Uint8Array {
  const packed = new Uint8Array(Math.ceil(bits.length / 8))
  for (let i = 0; i < bits.length; i++) {
    const at = i >>> 3
    packed[at] = (packed[at] as number) | ((bits[i] as number) << (7 - (i & 7)))
  }
  return packed
}

/** The first `count` bits. */
export function unpackBits(packed: Uint8Array, count: number): Uint8Array {
  const bits = new Uint8Array(count)
  for (let i = 0; i < count; i++) bits[i] = ((packed[i >>> 3] as number) >>> (7 - (i & 7))) & 1
  return bits
}

/** `values` at those places where `mask` is 1, in order. */
export function select(values: Uint8Array, mask: Uint8Array): Uint8Array {
  return values.filter((_, i) => mask[i] === 1)
}
