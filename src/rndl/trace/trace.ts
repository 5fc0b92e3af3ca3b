/**
 * What the endpoints computed, step by step, as an instrumented crypto provider saw it. Values stand for themselves:
 * who computed them, and in which role, does not matter to whoever wants to know what follows from what.
 */
import type { AeadAlgorithm, HashAlgorithm } from '../../crypto/provider.js'

/** Octets in lower-case hex. */
export type Hex = string

export type TraceStep =
  /** One component of a key exchange. `privateOctets`: the scalar, ML-KEM's d ‖ z, or the randomness m of an encapsulation. */
  | {
      readonly kind: 'exchange'
      readonly component: 'curve' | 'mlkem'
      readonly side: 'client' | 'server'
      readonly privateOctets: Hex
      readonly publicShare: Hex
      readonly output: Hex
    }
  | { readonly kind: 'mac'; readonly hash: HashAlgorithm; readonly key: Hex; readonly data: Hex; readonly output: Hex }
  | { readonly kind: 'hash'; readonly hash: HashAlgorithm; readonly data: Hex; readonly output: Hex }
  /** `content` includes the trailer, such as the type of a record. A record that was opened gives the same step. */
  | {
      readonly kind: 'seal'
      readonly algorithm: AeadAlgorithm
      readonly key: Hex
      readonly nonce: Hex
      readonly additionalData: Hex
      readonly content: Hex
      readonly sealed: Hex
    }
  | { readonly kind: 'random'; readonly output: Hex }

export type Trace = readonly TraceStep[]
