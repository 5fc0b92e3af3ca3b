// Octets that two processes can each make and compare by hash: AES-128-CTR keyed with the SHA-256 of the seed.
import { createCipheriv, createHash } from 'node:crypto'

/** The first `length` octets of the stream named by `seed`. */
export function deterministicBytes(seed, length) {
  const key = createHash('sha256').update(String(seed)).digest().subarray(0, 16)
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length))
}
