/** Randomness from the Web Cryptography interface, which every runtime of the portable provider has. */

/** What one call of getRandomValues may fill (Web Cryptography API 10.1.1). */
const LARGEST_DRAW = 65536

export function randomBytes(length: number): Uint8Array {
  const octets = new Uint8Array(length)
  for (let offset = 0; offset < length; offset += LARGEST_DRAW) {
    globalThis.crypto.getRandomValues(octets.subarray(offset, offset + LARGEST_DRAW))
  }
  return octets
}
