// Bodies of random length and content, each with the hash by which the other end knows whether it came whole.
import { createHash, randomBytes, randomInt } from 'node:crypto'

/** Bodies are pieces of it. An odd length, so that no period of a buffer hides a shift. */
const POOL = randomBytes(2 ** 20 + 7)
export const MAX_LENGTH = 256 * 1024

export function hashOf(octets) {
  return createHash('sha256').update(octets).digest('base64url')
}

/** Lengths are spread evenly over their magnitudes: as many of some octets as of some hundred thousand. */
export function randomLength() {
  return Math.floor((MAX_LENGTH + 1) ** Math.random()) - 1
}

export function bodyOf(length) {
  const at = randomInt(POOL.length - length)
  return POOL.subarray(at, at + length)
}

/** The body in pieces of random length, as programs write. */
export function* piecesOf(body) {
  for (let at = 0; at < body.length; ) {
    const length = 1 + randomInt(64 * 1024)
    yield body.subarray(at, at + length)
    at += length
  }
}

/** Reads a message to its end; rejects when it breaks off. */
export async function readBody(readable) {
  const hash = createHash('sha256')
  let length = 0
  for await (const chunk of readable) {
    hash.update(chunk)
    length += chunk.length
  }
  return { length, hash: hash.digest('base64url') }
}
