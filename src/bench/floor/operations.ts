/** The pieces that the floor is made of: operations of a provider, with the sizes of their inputs in octets. */
import type { AeadAlgorithm, HashAlgorithm } from '../../crypto/cipherSuites.js'
import type { NamedGroupName } from '../../crypto/groups.js'
import type { SignatureSchemeName } from '../../crypto/signatureSchemes.js'
import type { Side } from '../handshakes/coreHandshake.js'

export type FloorOperation =
  | { readonly kind: 'random'; readonly length: number }
  | { readonly kind: 'hash'; readonly hash: HashAlgorithm; readonly length: number }
  /** A running hash, read after each of these portions. */
  | { readonly kind: 'transcript'; readonly hash: HashAlgorithm; readonly portions: readonly number[] }
  /** Several MACs under one key, which is imported once. */
  | {
      readonly kind: 'macs'
      readonly hash: HashAlgorithm
      readonly keyLength: number
      readonly macs: readonly Mac[]
    }
  /** One key, imported, and the records under it. */
  | { readonly kind: 'seal' | 'open'; readonly algorithm: AeadAlgorithm; readonly records: readonly number[] }
  /** Under a key that is kept. */
  | { readonly kind: 'seal ticket' | 'open ticket'; readonly length: number }
  | { readonly kind: 'generate' | 'respond' | 'agree'; readonly group: NamedGroupName }
  | { readonly kind: 'sign'; readonly scheme: SignatureSchemeName; readonly length: number }
  /** The CertificateVerify of `by`, whose key is known from a handshake before. */
  | { readonly kind: 'verify'; readonly scheme: SignatureSchemeName; readonly by: Side; readonly length: number }
  /** The signature of a leaf under the root that is pinned, whose key is kept. */
  | { readonly kind: 'verify chain'; readonly scheme: SignatureSchemeName; readonly length: number }

export interface Mac {
  /** Of HKDF-Expand-Label, or what else it is: extract, finished MAC, binder MAC, second block. */
  readonly label: string
  readonly length: number
}

/** The two turns of each end: what it does before the other's answer, and with it. */
export interface FloorPlan {
  readonly client: readonly [hello: readonly FloorOperation[], finish: readonly FloorOperation[]]
  readonly server: readonly [flight: readonly FloorOperation[], end: readonly FloorOperation[]]
}
