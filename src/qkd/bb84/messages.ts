/**
 * The messages of the classical channel, in the order of a block. Each is a byte for its kind, the number of the block
 * (4 bytes), and a body; an encoder and a decoder stand side by side for each body that has a structure. Bob speaks
 * first, and then the two take turns. PREPARATIONS, for one, comes only after DETECTIONS: bases and intensities are
 * never said of pulses that are still on their way.
 */
import { packBits, unpackBits } from './bits.js'
import type { ParityQuery } from './cascade.js'
import { badMessage, OctetReader, OctetWriter } from './octets.js'
import type { Detections } from './quantumChannel.js'
import { BlockAborted, REASON_KINDS, type ReasonKind } from './reasons.js'

/** Kinds in the order of their codes, from 1. */
export const MESSAGE_KINDS = [
  /** Bob: which pulses he detected, in which bases. */
  'detections',
  /** Alice: bases and intensities of those pulses, and her bits of the test basis. */
  'preparations',
  /** Bob: his bits of the test basis. */
  'test-bits',
  /** Alice: the seed of the shuffles. */
  'reconciliation',
  /** Bob: which parities he wants. */
  'parity-query',
  /** Alice: those parities. */
  'parities',
  /** Bob: how many errors he corrected. */
  'reconciled',
  /** Alice: a hash of her key, and its seed. */
  'verification',
  /** Bob: his key has the same hash. */
  'verified',
  /** Alice: the length of the secret key and the seed of the matrix that makes it. */
  'amplification',
  /** Either: the proof that all of the above came from there. */
  'tag',
  /** Either: no key will come of this block. */
  'abort',
] as const

export type MessageKind = (typeof MESSAGE_KINDS)[number]

export function kindOf(message: Uint8Array): MessageKind | null {
  return MESSAGE_KINDS[(message[0] ?? 0) - 1] ?? null
}

export function sealMessage(kind: MessageKind, block: number, body: Uint8Array): Uint8Array {
  return new OctetWriter()
    .byte(MESSAGE_KINDS.indexOf(kind) + 1)
    .word(block)
    .bytes(body)
    .finish()
}

/**
 * The body of the message that is due.
 * @throws BlockAborted when it is another one, of another block, or the end of this block
 */
export function openMessage(message: Uint8Array, kind: MessageKind, block: number): Uint8Array {
  const reader = new OctetReader(message)
  const actual = MESSAGE_KINDS[reader.byte() - 1]
  if (reader.word() !== block) throw badMessage()
  if (actual === 'abort') throw new BlockAborted({ kind: 'peer-aborted', peerKind: readAbort(reader.rest()) })
  if (actual !== kind) throw badMessage()
  return reader.rest()
}

export function encodeAbort(reason: ReasonKind): Uint8Array {
  return Uint8Array.of(REASON_KINDS.indexOf(reason))
}

function readAbort(body: Uint8Array): ReasonKind {
  const kind = REASON_KINDS[body[0] ?? REASON_KINDS.length]
  if (kind === undefined || body.length !== 1) throw badMessage()
  return kind
}

/** DETECTIONS: count, distances from one detected pulse to the next, bases. */
export function encodeDetections({ pulses, bases }: Pick<Detections, 'pulses' | 'bases'>): Uint8Array {
  const writer = new OctetWriter().word(pulses.length)
  let previous = -1
  for (const pulse of pulses) {
    writer.number(pulse - previous - 1)
    previous = pulse
  }
  return writer.bytes(packBits(bases)).finish()
}

/** @param pulses how many the block has */
export function decodeDetections(body: Uint8Array, pulses: number): Pick<Detections, 'pulses' | 'bases'> {
  const reader = new OctetReader(body)
  const count = reader.word()
  if (count > body.length) throw badMessage()
  const numbers = new Float64Array(count)
  let previous = -1
  for (let i = 0; i < count; i++) {
    previous += reader.number() + 1
    if (previous >= pulses) throw badMessage()
    numbers[i] = previous
  }
  const bases = readBits(reader, count)
  reader.end()
  return { pulses: numbers, bases }
}

/** What Alice says of the pulses that Bob detected. */
export interface PreparationsMessage {
  /** One value a detection: 0 signal, 1 decoy, 2 vacuum. */
  readonly intensities: Uint8Array
  readonly bases: Uint8Array
  /** Her bits where both chose the test basis. */
  readonly testBits: Uint8Array
}

/** PREPARATIONS: bases, high and low bits of the intensities, test bits. */
export function encodePreparations({ intensities, bases, testBits }: PreparationsMessage): Uint8Array {
  return new OctetWriter()
    .bytes(packBits(bases))
    .bytes(packBits(intensities.map((intensity) => intensity >> 1)))
    .bytes(packBits(intensities.map((intensity) => intensity & 1)))
    .bytes(packBits(testBits))
    .finish()
}

/** @param ownBases Bob's, which say how many test bits there must be */
export function decodePreparations(
  body: Uint8Array,
  ownBases: Uint8Array,
  isTest: (alice: number, bob: number) => boolean,
): PreparationsMessage {
  const reader = new OctetReader(body)
  const count = ownBases.length
  const bases = readBits(reader, count)
  const high = readBits(reader, count)
  const intensities = readBits(reader, count)
  for (let i = 0; i < count; i++) intensities[i] = 2 * (high[i] as number) + (intensities[i] as number)
  if (intensities.some((intensity) => intensity > 2)) throw badMessage()
  let tests = 0
  for (let i = 0; i < count; i++) if (isTest(bases[i] as number, ownBases[i] as number)) tests++
  const testBits = readBits(reader, tests)
  reader.end()
  return { intensities, bases, testBits }
}

/** PARITY-QUERY: pass, count, and for each range how far it starts after the last one's end, and its length. */
export function encodeQuery({ pass, ranges }: ParityQuery): Uint8Array {
  const writer = new OctetWriter().byte(pass).word(ranges.length / 2)
  let previous = 0
  for (let i = 0; i < ranges.length; i += 2) {
    const [start, end] = [ranges[i] as number, ranges[i + 1] as number]
    writer.number(start - previous).number(end - start)
    previous = end
  }
  return writer.finish()
}

export function decodeQuery(body: Uint8Array): ParityQuery {
  const reader = new OctetReader(body)
  const pass = reader.byte()
  const count = reader.word()
  if (count === 0 || 2 * count > body.length) throw badMessage()
  const ranges = new Uint32Array(2 * count)
  let previous = 0
  for (let i = 0; i < ranges.length; i += 2) {
    const start = previous + reader.number()
    previous = start + reader.number()
    if (previous > 0xffff_ffff) throw badMessage()
    ranges[i] = start
    ranges[i + 1] = previous
  }
  reader.end()
  return { pass, ranges }
}

/** RECONCILED. */
export function encodeCount(count: number): Uint8Array {
  return new OctetWriter().word(count).finish()
}

export function decodeCount(body: Uint8Array): number {
  const reader = new OctetReader(body)
  const count = reader.word()
  reader.end()
  return count
}

/** VERIFICATION and AMPLIFICATION: a number of bits, the seed of a Toeplitz matrix, and what else belongs to it. */
export function encodeHashing(rows: number, seed: Uint8Array, hash: Uint8Array): Uint8Array {
  return new OctetWriter().word(rows).bytes(packBits(seed)).bytes(packBits(hash)).finish()
}

/** @param rows that must have been said; @param seedBits, @param hashBits that must follow */
export function decodeHashing(
  body: Uint8Array,
  rows: number,
  seedBits: number,
  hashBits: number,
): { seed: Uint8Array; hash: Uint8Array } {
  const reader = new OctetReader(body)
  if (reader.word() !== rows) throw badMessage()
  const seed = readBits(reader, seedBits)
  const hash = readBits(reader, hashBits)
  reader.end()
  return { seed, hash }
}

/** A body that is nothing but `count` bits. */
export function decodeBits(body: Uint8Array, count: number): Uint8Array {
  const reader = new OctetReader(body)
  const bits = readBits(reader, count)
  reader.end()
  return bits
}

function readBits(reader: OctetReader, count: number): Uint8Array {
  const packed = reader.bytes(Math.ceil(count / 8))
  const bits = unpackBits(packed, count)
  // The filling is zero, so that there is one way to write a bit string.
  if ((count & 7) !== 0 && (((packed.at(-1) as number) << (count & 7)) & 0xff) !== 0) throw badMessage()
  return bits
}
