/** Alice's half of a block: she sent the pulses. Read it beside `bob.ts`: each `yield` sends, and waits for Bob. */
import { wipe } from '../../bytes.js'
import { packBits, select } from './bits.js'
import {
  amplify,
  type BlockContext,
  checkQber,
  estimate,
  randomBits,
  settleLength,
  sift,
  verificationBits,
} from './block.js'
import {
  decodeBits,
  decodeCount,
  decodeDetections,
  decodeQuery,
  encodeHashing,
  encodePreparations,
  kindOf,
  openMessage,
  sealMessage,
} from './messages.js'
import { badMessage } from './octets.js'
import { ParityOracle } from './parityOracle.js'
import type { Preparations } from './quantumChannel.js'
import { toeplitzHash, toeplitzSeedBits } from './toeplitz.js'

/** What comes of a block that went well. */
export interface Finished {
  /** The secret key; the taker wipes it. */
  readonly key: Uint8Array
  /** The last message, after which nothing comes back; null when the other end had the last word. */
  readonly farewell: Uint8Array | null
}

export type PreparationsOf = (pulses: Float64Array) => Pick<Preparations, 'intensities' | 'bases' | 'bits'>

/**
 * @param preparationsOf what she sent as the pulses of these numbers
 * @param first Bob's DETECTIONS
 * @throws BlockAborted
 */
export function* aliceBlock(
  context: BlockContext,
  preparationsOf: PreparationsOf,
  first: Uint8Array,
): Generator<Uint8Array, Finished, Uint8Array> {
  const { block, parameters, facts, authenticator, transcript, random } = context
  const detected = decodeDetections(openMessage(first, 'detections', block), context.pulses)
  facts.detections = detected.pulses.length
  const { intensities, bases, bits } = preparationsOf(detected.pulses)
  const sifting = sift(bases, detected.bases)
  const testBits = select(bits, sifting.test)
  const key = select(bits, sifting.key)
  wipe(bits)
  const shuffles = random.bytes(32)
  const oracle = new ParityOracle(key, shuffles)
  try {
    let message = yield sealMessage('preparations', block, encodePreparations({ intensities, bases, testBits }))
    const bobTestBits = decodeBits(openMessage(message, 'test-bits', block), testBits.length)
    const counts = estimate(context, intensities, sifting, testBits, bobTestBits)

    message = yield sealMessage('reconciliation', block, shuffles)
    while (kindOf(message) === 'parity-query') {
      const query = decodeQuery(openMessage(message, 'parity-query', block))
      // Honest questions are never asked twice, and never as many as the key has bits.
      if (!oracle.accepts(query) || oracle.leakedBits > key.length) throw badMessage()
      message = yield sealMessage('parities', block, packBits(oracle.answer(query)))
    }
    const correctedBits = decodeCount(openMessage(message, 'reconciled', block))
    checkQber(correctedBits / key.length, parameters)

    const rows = verificationBits(parameters)
    const verificationSeed = randomBits(random, toeplitzSeedBits(key.length, rows))
    const hash = toeplitzHash(key, verificationSeed, rows)
    message = yield sealMessage('verification', block, encodeHashing(rows, verificationSeed, hash))
    openMessage(message, 'verified', block)

    const length = settleLength(context, counts, correctedBits, oracle.leakedBits)
    // The matrix is chosen only now that nothing more will be said about the key.
    const seed = randomBits(random, toeplitzSeedBits(key.length, length))
    message = yield sealMessage('amplification', block, encodeHashing(length, seed, new Uint8Array(0)))
    const said = transcript.octets()
    authenticator.verify(said, openMessage(message, 'tag', block))
    return { key: amplify(key, seed, length), farewell: sealMessage('tag', block, authenticator.prove(said)) }
  } finally {
    oracle.wipe()
    wipe(key)
  }
}
