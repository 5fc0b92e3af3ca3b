/** Bob's half of a block: he detected the pulses, and corrects his key towards Alice's. See `alice.ts`. */
import { constantTimeEqual, wipe } from '../../bytes.js'
import type { Finished } from './alice.js'
import { packBits, select } from './bits.js'
import {
  amplify,
  type BlockContext,
  estimate,
  expectedErrorRate,
  isTest,
  settleLength,
  sift,
  verificationBits,
} from './block.js'
import { reconcile } from './cascade.js'
import {
  decodeBits,
  decodeHashing,
  decodePreparations,
  encodeCount,
  encodeDetections,
  encodeQuery,
  openMessage,
  sealMessage,
} from './messages.js'
import { OctetReader } from './octets.js'
import type { Detections } from './quantumChannel.js'
import { BlockAborted } from './reasons.js'
import { toeplitzHash, toeplitzSeedBits } from './toeplitz.js'

const NOTHING = new Uint8Array(0)

/** @throws BlockAborted */
export function* bobBlock(
  context: BlockContext,
  { pulses, bases, bits }: Detections,
): Generator<Uint8Array, Finished, Uint8Array> {
  const { block, parameters, facts, authenticator, transcript } = context
  facts.detections = pulses.length
  let message = yield sealMessage('detections', block, encodeDetections({ pulses, bases }))
  const preparations = decodePreparations(openMessage(message, 'preparations', block), bases, isTest)
  const sifting = sift(preparations.bases, bases)
  const testBits = select(bits, sifting.test)
  const key = select(bits, sifting.key)
  wipe(bits)
  try {
    message = yield sealMessage('test-bits', block, packBits(testBits))
    const counts = estimate(context, preparations.intensities, sifting, preparations.testBits, testBits)

    const shuffles = readSeed(openMessage(message, 'reconciliation', block))
    const cascade = reconcile(key, expectedErrorRate(counts), shuffles)
    let step = cascade.next()
    while (step.done !== true) {
      message = yield sealMessage('parity-query', block, encodeQuery(step.value))
      step = cascade.next(decodeBits(openMessage(message, 'parities', block), step.value.ranges.length / 2))
    }
    const { correctedBits, leakedBits } = step.value

    message = yield sealMessage('reconciled', block, encodeCount(correctedBits))
    const rows = verificationBits(parameters)
    const seedBits = toeplitzSeedBits(key.length, rows)
    const verification = decodeHashing(openMessage(message, 'verification', block), rows, seedBits, rows)
    if (!constantTimeEqual(toeplitzHash(key, verification.seed, rows), verification.hash)) {
      throw new BlockAborted({ kind: 'verification-failed' })
    }
    const length = settleLength(context, counts, correctedBits, leakedBits)

    message = yield sealMessage('verified', block, NOTHING)
    const amplification = openMessage(message, 'amplification', block)
    const { seed } = decodeHashing(amplification, length, toeplitzSeedBits(key.length, length), 0)
    const said = transcript.octets()
    message = yield sealMessage('tag', block, authenticator.prove(said))
    authenticator.verify(said, openMessage(message, 'tag', block))
    return { key: amplify(key, seed, length), farewell: null }
  } finally {
    wipe(key)
  }
}

function readSeed(body: Uint8Array): Uint8Array {
  const reader = new OctetReader(body)
  const seed = reader.bytes(32)
  reader.end()
  return seed
}
