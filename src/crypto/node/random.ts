/** Randomness from node:crypto. */
import { randomFillSync } from 'node:crypto'

/** A draw costs the same for 8 octets as for hundreds, and a handshake makes half a dozen small ones. */
const POOL_LENGTH = 1024
const LARGEST_FROM_POOL = 64
const pool = new Uint8Array(POOL_LENGTH)
let used = POOL_LENGTH

/** Fresh octets, each given out once. */
export function randomBytes(length: number): Uint8Array {
  if (length > LARGEST_FROM_POOL) return randomFillSync(new Uint8Array(length))
  if (used + length > POOL_LENGTH) {
    randomFillSync(pool)
    used = 0
  }
  const octets = pool.slice(used, used + length)
  // What has been given out is its owner's alone.
  pool.fill(0, used, used + length)
  used += length
  return octets
}
