/** A crypto provider whose key shares of X25519MLKEM768 the harness knows: what an adversary gets who broke both halves. */
import { toHex } from '../../bytes.js'
import { MLKEM_SIZES } from '../../crypto/keyExchange.js'
import type { CryptoProvider } from '../../crypto/provider.js'
import type { Leaks } from '../adversary/index.js'

const MLKEM = MLKEM_SIZES['ML-KEM-768']

/** Of one client: its X25519 scalar, and d ‖ z of its ML-KEM key pair (FIPS 203 7.1), by public share in hex. */
export type BrokenKeyExchange = Pick<Leaks, 'curveKeys' | 'decapsulationSeeds'>

export interface KnownShares {
  readonly crypto: CryptoProvider
  /** Of all shares made so far. */
  readonly broken: BrokenKeyExchange
}

/** @param seedOf asked for d ‖ z ‖ scalar, 96 octets, whenever a client makes a share */
export function knownShares(inner: CryptoProvider, seedOf: (length: number) => Uint8Array): KnownShares {
  const curveKeys = new Map<string, Uint8Array>()
  const decapsulationSeeds = new Map<string, Uint8Array>()
  const generateKeyShare: CryptoProvider['generateKeyShare'] = (group, given) => {
    if (group !== 'X25519MLKEM768' || given !== undefined) return inner.generateKeyShare(group, given)
    const seed = seedOf(MLKEM.clientSeedLength + 32)
    const share = inner.generateKeyShare(group, seed)
    // RFC 10024: ML-KEM first, in seeds as in shares.
    const [encapsulationKey, point] = halves(share.publicShare, MLKEM.clientShareLength)
    const [mlkemSeed, scalar] = halves(seed, MLKEM.clientSeedLength)
    decapsulationSeeds.set(toHex(encapsulationKey), mlkemSeed)
    curveKeys.set(toHex(point), scalar)
    return share
  }
  return { crypto: { ...inner, generateKeyShare }, broken: { curveKeys, decapsulationSeeds } }
}

function halves(octets: Uint8Array, length: number): [Uint8Array, Uint8Array] {
  return [Uint8Array.from(octets.subarray(0, length)), Uint8Array.from(octets.subarray(length))]
}
