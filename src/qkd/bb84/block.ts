/** What both ends keep about the block they work on, and the steps that both take alike. */
import { wipe } from '../../bytes.js'
import type { Authenticator } from './authentication.js'
import { packBits, unpackBits } from './bits.js'
import { type BlockCounts, type ByIntensity, type SecretLength, secretLength } from './finiteKey.js'
import type { Bb84Parameters } from './parameters.js'
import { KEY_BASIS, TEST_BASIS } from './quantumChannel.js'
import type { RandomStream } from './randomStream.js'
import { BlockAborted } from './reasons.js'
import { toeplitzHash } from './toeplitz.js'
import type { Transcript } from './transcript.js'

export interface BlockContext {
  /** Number of the block; messages of another are refused. */
  readonly block: number
  readonly pulses: number
  readonly parameters: Bb84Parameters
  readonly authenticator: Authenticator
  readonly transcript: Transcript
  /** For seeds that are sent in the clear. */
  readonly random: RandomStream
  /** What is known so far; filled in on the way, so that a block that comes to nothing can be told of as well. */
  readonly facts: BlockFacts
}

/** What one end has found out in a block; numbers of bits. */
export interface BlockFacts {
  /** Pulses that a detector saw. */
  detections?: number
  counts?: BlockCounts
  /** Error rate of signal pulses in the test basis. */
  qber?: number
  siftedBits?: number
  /** Errors corrected in the key. */
  correctedBits?: number
  /** Distinct parities sent, and the bits of the verification hash. */
  leakedBits?: number
  secret?: SecretLength
}

/** Which of the detections give key bits, and which test bits. */
export interface Sifting {
  readonly key: Uint8Array
  readonly test: Uint8Array
}

/** Both chose the test basis. */
export function isTest(alice: number, bob: number): boolean {
  return alice === TEST_BASIS && bob === TEST_BASIS
}

export function sift(alice: Uint8Array, bob: Uint8Array): Sifting {
  return {
    key: alice.map((basis, i) => (basis === KEY_BASIS && bob[i] === KEY_BASIS ? 1 : 0)),
    test: alice.map((basis, i) => (isTest(basis, bob[i] as number) ? 1 : 0)),
  }
}

/**
 * Error estimation: counts by intensity, and whether they leave any hope of a key.
 * @param aliceTest, @param bobTest the disclosed bits
 * @throws BlockAborted `qber`, `no-secret-bits`
 */
export function estimate(
  { parameters, facts }: BlockContext,
  intensities: Uint8Array,
  sifting: Sifting,
  aliceTest: Uint8Array,
  bobTest: Uint8Array,
): BlockCounts {
  const key: [number, number, number] = [0, 0, 0]
  const test: [number, number, number] = [0, 0, 0]
  const testErrors: [number, number, number] = [0, 0, 0]
  let next = 0
  intensities.forEach((value, i) => {
    const intensity = value as 0 | 1 | 2
    if (sifting.key[i] === 1) key[intensity]++
    if (sifting.test[i] !== 1) return
    test[intensity]++
    if (aliceTest[next] !== bobTest[next]) testErrors[intensity]++
    next++
  })
  const counts = { key, test, testErrors }
  facts.counts = counts
  facts.siftedBits = total(key)
  if (test[0] > 0) {
    facts.qber = testErrors[0] / test[0]
    checkQber(facts.qber, parameters)
  }
  // What the bound leaves before anything has leaked is the most that there can be.
  requireSecret(secretLength(counts, parameters, 0), total(key))
  return counts
}

/** @throws BlockAborted `qber` */
export function checkQber(qber: number, { security }: Bb84Parameters): void {
  if (qber > security.abortQber) throw new BlockAborted({ kind: 'qber', qber, threshold: security.abortQber })
}

/** The error rate to expect in the key, from all of the test basis; one error more and one less than found, so never 0. */
export function expectedErrorRate({ test, testErrors }: BlockCounts): number {
  return (total(testErrors) + 1) / (total(test) + 2)
}

/** ⌈log2(1/ε_cor)⌉ (Lim et al. 2014, section II, error verification). */
export function verificationBits({ security }: Bb84Parameters): number {
  return Math.ceil(Math.log2(1 / security.epsilonCorrectness))
}

/**
 * The length of the secret key.
 * @throws BlockAborted `qber` by the errors in the key itself, `no-secret-bits`
 */
export function settleLength(
  { parameters, facts }: BlockContext,
  counts: BlockCounts,
  correctedBits: number,
  parities: number,
): number {
  const sifted = total(counts.key)
  facts.correctedBits = correctedBits
  facts.leakedBits = parities + verificationBits(parameters)
  checkQber(correctedBits / sifted, parameters)
  facts.secret = secretLength(counts, parameters, facts.leakedBits)
  requireSecret(facts.secret, sifted)
  return facts.secret.bits
}

/** Privacy amplification: whole bytes of the secret key. */
export function amplify(key: Uint8Array, seed: Uint8Array, bits: number): Uint8Array {
  const secret = toeplitzHash(key, seed, bits)
  const packed = packBits(secret.subarray(0, bits - (bits % 8)))
  wipe(secret)
  return packed
}

/** Random bits, one a byte. */
export function randomBits(random: RandomStream, count: number): Uint8Array {
  return unpackBits(random.bytes(Math.ceil(count / 8)), count)
}

function requireSecret(secret: SecretLength, siftedBits: number): void {
  // Less than a byte is no key.
  if (secret.bits < 8) throw new BlockAborted({ kind: 'no-secret-bits', siftedBits })
}

function total([signal, decoy, vacuum]: ByIntensity): number {
  return signal + decoy + vacuum
}
