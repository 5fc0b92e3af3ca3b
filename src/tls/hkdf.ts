/**
 * HKDF (RFC 5869) and the two functions TLS 1.3 builds on it (RFC 9846 section 7.1), on the provider's HMAC.
 */
import { concat, EMPTY, utf8, wipe } from '../bytes.js'
import { hashLength } from '../crypto/cipherSuites.js'
import type { CryptoProvider, HashAlgorithm, MacKey } from '../crypto/provider.js'

/** HKDF-Extract(salt, ikm): HMAC keyed by the salt. */
export function hkdfExtract(
  crypto: CryptoProvider,
  hash: HashAlgorithm,
  salt: Uint8Array,
  ikm: Uint8Array,
): Uint8Array {
  // RFC 5869 2.2: an absent salt is a string of zeros. HMAC pads its key with zeros, so an empty one is the same.
  const key = crypto.hmacKey(hash, salt.length === 0 ? new Uint8Array(hashLength(hash)) : salt)
  const extracted = key.mac(ikm)
  key.wipe()
  return extracted
}

/** HKDF-Expand-Label(secret, label, context, length) with a secret given as octets. */
export function hkdfExpandLabel(
  crypto: CryptoProvider,
  hash: HashAlgorithm,
  secret: Uint8Array,
  label: string,
  context: Uint8Array,
  length: number,
): Uint8Array {
  const key = crypto.hmacKey(hash, secret)
  const expanded = expandLabel(key, hash, label, context, length)
  key.wipe()
  return expanded
}

/** The same with a key that is used for several labels. */
export function expandLabel(
  key: MacKey,
  hash: HashAlgorithm,
  label: string,
  context: Uint8Array,
  length: number,
): Uint8Array {
  const size = hashLength(hash)
  if (length > size) return expand(key, hash, hkdfLabel(label, context, length), length)
  // One block is all that the key schedule asks for.
  const block = key.mac(firstBlock(label, context, length))
  if (length === size) return block
  const output = block.slice(0, length)
  wipe(block)
  return output
}

/** HKDF-Expand(prk, info, length) (RFC 5869 2.3). */
export function expand(key: MacKey, hash: HashAlgorithm, info: Uint8Array, length: number): Uint8Array {
  const size = hashLength(hash)
  if (length > 255 * size) throw new RangeError(`HKDF-Expand gives at most ${255 * size} octets`)
  const output = new Uint8Array(length)
  let previous: Uint8Array = EMPTY
  for (let counter = 1, offset = 0; offset < length; counter++) {
    const block = key.mac(concat(previous, info, Uint8Array.of(counter)))
    wipe(previous)
    output.set(block.subarray(0, Math.min(size, length - offset)), offset)
    offset += size
    previous = block
  }
  wipe(previous)
  return output
}

/** HkdfLabel ‖ 1: what HKDF-Expand makes its first block of. A view that the next call overwrites; nothing in it is secret. */
function firstBlock(label: string, context: Uint8Array, length: number): Uint8Array {
  const written = writeHkdfLabel(scratch, label, context, length)
  scratch[written] = 1
  return scratch.subarray(0, written + 1)
}

function hkdfLabel(label: string, context: Uint8Array, length: number): Uint8Array {
  return scratch.slice(0, writeHkdfLabel(scratch, label, context, length))
}

/** The longest HkdfLabel, and a counter. */
const scratch = new Uint8Array(2 + 256 + 256 + 1)
const labels = new Map<string, Uint8Array>()

/** struct HkdfLabel { uint16 length; opaque label<7..255>; opaque context<0..255>; } Returns its length in octets. */
function writeHkdfLabel(info: Uint8Array, label: string, context: Uint8Array, length: number): number {
  let name = labels.get(label)
  if (name === undefined) {
    name = utf8(`tls13 ${label}`)
    if (name.length > 255) throw new RangeError('an HKDF label has at most 249 octets')
    // Exporter labels come from callers: the cache keeps the schedule's own short list and little more.
    if (labels.size < 64) labels.set(label, name)
  }
  if (context.length > 255) throw new RangeError('an HKDF context has at most 255 octets')
  info[0] = length >>> 8
  info[1] = length & 0xff
  info[2] = name.length
  info.set(name, 3)
  info[3 + name.length] = context.length
  info.set(context, 4 + name.length)
  return 4 + name.length + context.length
}
