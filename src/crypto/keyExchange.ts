/**
 * One component of a named group as a provider supplies it: an elliptic-curve exchange, or ML-KEM seen as an exchange
 * (the client's share is an encapsulation key, the server's a ciphertext). `keyShares.ts` composes them into groups.
 */
import { TrefoilError } from '../errors.js'
import type { NAMED_GROUPS } from './groups.js'

type GroupRow = (typeof NAMED_GROUPS)[keyof typeof NAMED_GROUPS]
export type CurveName = GroupRow['curve']
export type MlkemName = Exclude<GroupRow['mlkem'], null>

/** Callers have checked all lengths against the numbers given here. */
export interface KeyExchange {
  readonly clientShareLength: number
  readonly serverShareLength: number
  readonly clientSeedLength: number
  readonly serverSeedLength: number
  /** @throws TrefoilError ERR_INVALID_OPTION when the seed cannot be a private key */
  generate(seed?: Uint8Array): PrivateShare
  /** @throws TrefoilError ERR_BAD_KEY_SHARE, or ERR_INVALID_OPTION for the seed */
  respond(clientShare: Uint8Array, seed?: Uint8Array): ExchangeResponse
}

export interface PrivateShare {
  readonly publicShare: Uint8Array
  /** @throws TrefoilError ERR_BAD_KEY_SHARE */
  agree(serverShare: Uint8Array): Uint8Array
  wipe(): void
}

export interface ExchangeResponse {
  readonly serverShare: Uint8Array
  readonly sharedSecret: Uint8Array
}

/** Where a provider gets the components of a group. */
export interface KeyExchanges {
  curve(name: CurveName): KeyExchange
  mlkem(name: MlkemName): KeyExchange
}

/** Octets (FIPS 203 table 3). The seed of a key pair is d ‖ z, that of an encapsulation is m. */
export const MLKEM_SIZES = {
  'ML-KEM-768': { clientShareLength: 1184, serverShareLength: 1088, clientSeedLength: 64, serverSeedLength: 32 },
  'ML-KEM-1024': { clientShareLength: 1568, serverShareLength: 1568, clientSeedLength: 64, serverSeedLength: 32 },
} as const satisfies Record<MlkemName, unknown>

/** Octets: uncompressed points for the NIST curves (RFC 9846 section 4.3.8.2), u coordinates for X25519. */
export const CURVE_SIZES = {
  X25519: { clientShareLength: 32, serverShareLength: 32, clientSeedLength: 32, serverSeedLength: 32 },
  'P-256': { clientShareLength: 65, serverShareLength: 65, clientSeedLength: 32, serverSeedLength: 32 },
  'P-384': { clientShareLength: 97, serverShareLength: 97, clientSeedLength: 48, serverSeedLength: 48 },
} as const satisfies Record<CurveName, unknown>

/**
 * The server of an elliptic-curve exchange does what the client does, in one go: a key pair of its own, then the
 * agreement.
 */
export function respondWith(
  generate: (seed?: Uint8Array) => PrivateShare,
): (clientShare: Uint8Array, seed?: Uint8Array) => ExchangeResponse {
  return (clientShare, seed) => {
    const own = generate(seed)
    try {
      return { serverShare: own.publicShare, sharedSecret: own.agree(clientShare) }
    } finally {
      own.wipe()
    }
  }
}

/** An all-zero private key is a seed that somebody forgot to fill; clamping would make X25519 take it. */
export function refuseZeroSeed(seed: Uint8Array): void {
  if (isZero(seed)) throw new TrefoilError('ERR_INVALID_OPTION', 'the seed of a key share is all zeros')
}

/** RFC 9846 section 7.4.2, RFC 7748 6.1: an all-zero X25519 secret means a low-order point; abort. */
export function refuseZeroSecret(secret: Uint8Array): Uint8Array {
  if (isZero(secret)) {
    throw new TrefoilError('ERR_BAD_KEY_SHARE', "the peer's X25519 share is a point of low order")
  }
  return secret
}

/** RFC 9846 section 4.3.8.2: only the uncompressed form. The length has been checked. */
export function refuseOtherPointForms(curve: CurveName, point: Uint8Array): void {
  if (point[0] !== 0x04) {
    throw new TrefoilError('ERR_BAD_KEY_SHARE', `the peer's ${curve} share is not an uncompressed point`)
  }
}

/** Reads every octet whatever it finds, since the octets may be secret. */
function isZero(octets: Uint8Array): boolean {
  let seen = 0
  for (const octet of octets) seen |= octet
  return seen === 0
}
