/** What is told of a block. Nothing here is secret: all of it was said, or follows from what was said, in the open. */
import type { BlockFacts } from './block.js'
import { type BlockCounts, binaryEntropy } from './finiteKey.js'
import type { NoKeyReason } from './reasons.js'

export interface BlockReport {
  /** From 0. */
  readonly block: number
  readonly pulses: number
  /** The fraction of pulses that the simulated eavesdropper intercepted. */
  readonly eavesdropping: number
  /** Why there is no key; null when there is one. */
  readonly reason: NoKeyReason | null
  /** Pulses that Bob detected, whatever the bases. */
  readonly detections: number
  /** Bits of the key basis. */
  readonly siftedBits: number
  /** Error rate of signal pulses in the test basis; null before it is known. */
  readonly qber: number | null
  /** Error rate of the key bits, as reconciliation found it; null before it is known. */
  readonly keyQber: number | null
  readonly counts: BlockCounts | null
  /** Parities disclosed and bits of the verification hash; 0 before they are known. */
  readonly leakedBits: number
  /** f: leaked bits over n h(Q), with the error rate that was found; null when there were no errors. */
  readonly reconciliationEfficiency: number | null
  /** s_X0, s_X1 and φ_X of the finite-key bound; null before they are known. */
  readonly bounds: {
    readonly vacuumEvents: number
    readonly singlePhotonEvents: number
    readonly phaseErrorRate: number
  } | null
  /** The secret key in whole bytes, in bits: gross, before anything is set aside. */
  readonly secretBits: number
  readonly authentication: {
    /** Bits of this block's key that were put into the reserve. */
    readonly setAsideBits: number
    /** Bits spent on tags since the link began. */
    readonly spentBits: number
    readonly reserveBits: number
  }
  /** How long the simulation took. */
  readonly milliseconds: number
}

export function makeReport(
  known: Pick<
    BlockReport,
    'block' | 'pulses' | 'eavesdropping' | 'reason' | 'secretBits' | 'authentication' | 'milliseconds'
  > & { readonly facts: BlockFacts },
): BlockReport {
  const { facts, ...rest } = known
  const siftedBits = facts.siftedBits ?? 0
  const keyQber = facts.correctedBits === undefined || siftedBits === 0 ? null : facts.correctedBits / siftedBits
  const ideal = siftedBits * binaryEntropy(keyQber ?? 0)
  const leakedBits = facts.leakedBits ?? 0
  return {
    ...rest,
    detections: facts.detections ?? 0,
    siftedBits,
    qber: facts.qber ?? null,
    keyQber,
    counts: facts.counts ?? null,
    leakedBits,
    reconciliationEfficiency: ideal === 0 ? null : leakedBits / ideal,
    bounds: facts.secret === undefined ? null : boundsOf(facts.secret),
  }
}

function boundsOf({ vacuumEvents, singlePhotonEvents, phaseErrorRate }: NonNullable<BlockFacts['secret']>) {
  return { vacuumEvents, singlePhotonEvents, phaseErrorRate }
}
