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

/**
 * Reads a message to its end; rejects when it breaks off. To be called in the event that brings the message: a stream of
 * HTTP/2 without a body ends and closes right after, and then says nothing more. Not by iteration: where all of the body
 * waits to be read and the stream is closed, the iterator of Node 24 and 26 rejects (over plain TCP too).
 */
export function readBody(readable) {
  const hash = createHash('sha256')
  let length = 0
  return new Promise((resolve, reject) => {
    const brokenOff = () => reject(new Error(`the message was broken off after ${length} octets`))
    if (readable.destroyed) brokenOff()
    readable.once('error', reject)
    readable.once('close', brokenOff)
    readable.once('end', () => resolve({ length, hash: hash.digest('base64url') }))
    readable.on('data', (chunk) => {
      hash.update(chunk)
      length += chunk.length
    })
  })
}

/** Writes a message in pieces, no faster than it is taken, and ends it. Stops where it is broken off: who reads is told. */
export async function writeBody(writable, body) {
  for (const piece of piecesOf(body)) {
    if (writable.destroyed) return
    if (!writable.write(piece)) await drained(writable)
  }
  writable.end()
}

function drained(writable) {
  const { promise, resolve } = withResolver()
  for (const event of ['drain', 'close']) writable.once(event, resolve)
  return promise.finally(() => {
    for (const event of ['drain', 'close']) writable.off(event, resolve)
  })
}

/** Promise.withResolvers, which Node 20 has not. */
function withResolver() {
  let resolve
  const promise = new Promise((given) => {
    resolve = given
  })
  return { promise, resolve }
}
