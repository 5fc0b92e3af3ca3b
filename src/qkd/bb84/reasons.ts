/** Why a block gave no key, or why the link has stopped: for programs by `kind`, for people in a sentence. */

export type NoKeyReason =
  /** Too many errors, in the test basis before reconciliation or in the key itself after it: noise, or an eavesdropper. */
  | { readonly kind: 'qber'; readonly qber: number; readonly threshold: number }
  /** The finite-key bound leaves nothing: too few detections for this many errors. */
  | { readonly kind: 'no-secret-bits'; readonly siftedBits: number }
  /** The keys still differed after reconciliation. */
  | { readonly kind: 'verification-failed' }
  /** The other end's tag or signature does not fit what was received. */
  | { readonly kind: 'authentication-failed' }
  /** No key is left to authenticate a block with. The link stops, since it never goes on without. */
  | { readonly kind: 'authentication-keys-exhausted' }
  /** A message could not be read, or came out of turn. */
  | { readonly kind: 'bad-message' }
  /** A message did not arrive. */
  | { readonly kind: 'no-answer' }
  /** The other end gave up, and said why. */
  | { readonly kind: 'peer-aborted'; readonly peerKind: ReasonKind }

export type ReasonKind = NoKeyReason['kind']

/** In the order of their codes on the wire. */
export const REASON_KINDS: readonly ReasonKind[] = [
  'qber',
  'no-secret-bits',
  'verification-failed',
  'authentication-failed',
  'authentication-keys-exhausted',
  'bad-message',
  'no-answer',
  'peer-aborted',
]

/** A clause that goes on from "the quantum link gives no keys: ". */
export function describeReason(reason: NoKeyReason): string {
  switch (reason.kind) {
    case 'qber':
      return qberSentence(reason.qber, reason.threshold)
    case 'no-secret-bits':
      return `${reason.siftedBits} sifted bits leave no secret ones after finite-key corrections`
    case 'peer-aborted':
      return `the other end of the link gave up (${reason.peerKind})`
    default:
      return SENTENCES[reason.kind]
  }
}

const SENTENCES: Record<Exclude<ReasonKind, 'qber' | 'no-secret-bits' | 'peer-aborted'>, string> = {
  'verification-failed': 'errors were left after reconciliation',
  'authentication-failed': 'the classical channel was tampered with',
  'authentication-keys-exhausted': 'no bits are left to authenticate the classical channel with',
  'bad-message': 'a message on the classical channel made no sense',
  'no-answer': 'a message on the classical channel got lost',
}

/** In percent, with as many places as it takes to tell the two apart. */
function qberSentence(qber: number, threshold: number): string {
  const percent = (rate: number, places: number): string => `${(100 * rate).toFixed(places)} %`
  const places = [1, 2, 3, 4].find((each) => percent(qber, each) !== percent(threshold, each)) ?? 5
  return `QBER ${percent(qber, places)} is above the threshold of ${percent(threshold, places)}`
}

/** Ends the work on a block; stays inside the link. */
export class BlockAborted extends Error {
  readonly reason: NoKeyReason

  constructor(reason: NoKeyReason) {
    super(describeReason(reason))
    this.reason = reason
  }
}
