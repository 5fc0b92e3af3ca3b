/**
 * The octets of a key file (docs/key-file.md): a header that says whose keys these are, then records of one length in
 * the order of their key_IDs, so that a key is found by bisection and nothing but the header is kept in memory.
 */
import { createHash } from 'node:crypto'
import { concat, EMPTY, equalBytes, fromHex, fromUtf8, utf8 } from '../../bytes.js'
import { TrefoilError } from '../../errors.js'
import { requireSaeId } from '../identifiers.js'
import { keySizeInOctets } from '../keySize.js'

const MAGIC = utf8('trefoilk')
const VERSION = 1
const FIXED_LENGTH = 40
const DIGEST_LENGTH = 32
/** Two SAE IDs of 256 UTF-16 code units, each of at most 3 octets in UTF-8. */
export const MAX_HEADER_LENGTH = FIXED_LENGTH + 2 * (2 + 3 * 256) + DIGEST_LENGTH
export const MAX_KEY_COUNT = 2 ** 24
export const ID_LENGTH = 16
const CHECK_LENGTH = 16

export interface KeyFileHeader {
  /** The same in both copies: 16 octets made of the key_IDs and all else that the copies share. */
  readonly setId: Uint8Array
  /** Both SAE IDs, the smaller first (by their UTF-8). */
  readonly saeIds: readonly [string, string]
  /** Which of the two has this copy. */
  readonly owner: 0 | 1
  readonly count: number
  /** Records from 0 up to this one are for handshakes that the first SAE starts; the rest for those of the second. */
  readonly split: number
  /** In bytes. */
  readonly keyLength: number
}

export interface KeyRecord {
  readonly id: Uint8Array
  readonly key: Uint8Array
}

/** `used`: key and check value are zero. `damaged`: neither that nor a key that fits its check value. */
export type RecordState = 'unused' | 'used' | 'damaged'

export function encodeHeader(header: KeyFileHeader): Uint8Array {
  const [first, second] = header.saeIds.map(utf8) as [Uint8Array, Uint8Array]
  const fixed = Buffer.alloc(FIXED_LENGTH)
  fixed.set(MAGIC)
  fixed.writeUInt16BE(VERSION, 8)
  fixed.writeUInt16BE(FIXED_LENGTH + 4 + first.length + second.length + DIGEST_LENGTH, 10)
  fixed.writeUInt32BE(header.count, 12)
  fixed.writeUInt32BE(header.split, 16)
  fixed.writeUInt16BE(header.keyLength, 20)
  fixed.writeUInt8(header.owner, 22)
  fixed.set(header.setId, 24)
  const body = concat(fixed, withLength(first), withLength(second))
  return concat(body, sha256([body]))
}

/**
 * Reads a header from the first octets of a file.
 * @param octets at least the header, at most {@link MAX_HEADER_LENGTH}
 * @throws TrefoilError ERR_QKD_BAD_REPLY when it is not one, is damaged, or has a version of another day
 */
export function decodeHeader(octets: Uint8Array): { header: KeyFileHeader; length: number } {
  const view = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength)
  if (view.length < FIXED_LENGTH || !equalBytes(view.subarray(0, 8), MAGIC)) throw bad('is not a key file')
  if (view.readUInt16BE(8) !== VERSION) throw bad('has a version that this program does not know')
  const length = view.readUInt16BE(10)
  if (length > MAX_HEADER_LENGTH || length < FIXED_LENGTH + 4 + DIGEST_LENGTH || length > view.length) throw damaged()
  const body = view.subarray(0, length - DIGEST_LENGTH)
  if (!equalBytes(sha256([body]), view.subarray(length - DIGEST_LENGTH, length))) throw damaged()
  try {
    const [first, rest] = takeString(body.subarray(FIXED_LENGTH))
    const [second, end] = takeString(rest)
    const [count, split, owner] = [view.readUInt32BE(12), view.readUInt32BE(16), view.readUInt8(22)]
    const keyLength = keySizeInOctets(8 * view.readUInt16BE(20))
    const holds =
      end.length === 0 && count > 0 && count <= MAX_KEY_COUNT && split <= count && (owner === 0 || owner === 1)
    if (!holds || view.readUInt8(23) !== 0 || Buffer.compare(utf8(first), utf8(second)) >= 0) throw damaged()
    const setId = Uint8Array.from(view.subarray(24, FIXED_LENGTH))
    return { header: { setId, saeIds: [first, second], owner, count, split, keyLength }, length }
  } catch {
    // The digest holds, so whoever wrote this wrote nonsense.
    throw damaged()
  }
}

export function recordLength(header: KeyFileHeader): number {
  return ID_LENGTH + header.keyLength + CHECK_LENGTH
}

export function encodeRecord(header: KeyFileHeader, index: number, { id, key }: KeyRecord): Uint8Array {
  return concat(id, key, checkValue(header, index, id, key))
}

/** What is left of a record when its key is spent: the key_ID, and zeros. */
export function usedRecordTail(header: KeyFileHeader): Uint8Array {
  return new Uint8Array(header.keyLength + CHECK_LENGTH)
}

/** Views into `record`; the key means something only when the state is `unused`. */
export function decodeRecord(header: KeyFileHeader, index: number, record: Uint8Array) {
  const id = record.subarray(0, ID_LENGTH)
  const key = record.subarray(ID_LENGTH, ID_LENGTH + header.keyLength)
  const check = record.subarray(ID_LENGTH + header.keyLength)
  return { id, key, state: stateOf(header, index, id, key, check) }
}

/** The 16 octets of a key_ID spelled as `formatUuid` does, the one spelling in use; null for any other. */
export function parseKeyId(keyId: string): Uint8Array | null {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(keyId) ? fromHex(keyId.replaceAll('-', '')) : null
}

/** The part of the records from which this SAE starts handshakes: first index, and the one behind the last. */
export function partOf(header: KeyFileHeader, sae: 0 | 1): readonly [number, number] {
  return sae === 0 ? [0, header.split] : [header.split, header.count]
}

function stateOf(
  header: KeyFileHeader,
  index: number,
  id: Uint8Array,
  key: Uint8Array,
  check: Uint8Array,
): RecordState {
  if (equalBytes(check, checkValue(header, index, id, key))) return 'unused'
  return [...key, ...check].every((octet) => octet === 0) ? 'used' : 'damaged'
}

/** Half a SHA-256: it finds accidents. Whoever may write the file could have read its keys, so it needs no secret. */
function checkValue({ setId }: KeyFileHeader, index: number, id: Uint8Array, key: Uint8Array): Uint8Array {
  const position = Buffer.alloc(4)
  position.writeUInt32BE(index)
  return sha256([setId, position, id, key]).subarray(0, CHECK_LENGTH)
}

export function sha256(parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

function withLength(octets: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(octets.length >> 8, octets.length & 0xff), octets)
}

function takeString(octets: Uint8Array): [string, Uint8Array] {
  const [high = 0, low = 0] = octets
  const end = 2 + 256 * high + low
  if (octets.length < end) throw damaged()
  return [requireSaeId(fromUtf8(octets.subarray(2, end))), octets.length === end ? EMPTY : octets.subarray(end)]
}

function damaged(): TrefoilError {
  return bad('has a damaged header')
}

function bad(what: string): TrefoilError {
  return new TrefoilError('ERR_QKD_BAD_REPLY', `the file ${what}`)
}
