/**
 * A crypto provider whose ephemeral keys can be handed to the adversary afterwards. Every share is made of a seed, and
 * the seed of X25519MLKEM768 is cut into halves in the order of the share (RFC 10024): of a client d ‖ z (64 octets,
 * FIPS 203 7.1) and the X25519 scalar (32), of a server m (32, FIPS 203 7.2) and its scalar (32).
 */
import { randomBytes } from 'node:crypto'
import { type CryptoProvider, nodeProvider } from '../../src/crypto/index.js'
import type { Leaks } from '../../src/rndl/adversary/index.js'

const GROUP = 'X25519MLKEM768'
const POINT = 32
const DECAPSULATION_SEED = 64
const ENCAPSULATION_SEED = 32

/** What a quantum computer would make of the shares on the tape, and what new mathematics would. */
export type EphemeralKeys = Pick<Leaks, 'curveKeys' | 'decapsulationSeeds'>

export function seededKeyShares(): { readonly crypto: CryptoProvider; readonly ephemeral: EphemeralKeys } {
  const curveKeys = new Map<string, Uint8Array>()
  const decapsulationSeeds = new Map<string, Uint8Array>()
  const crypto: CryptoProvider = {
    ...nodeProvider,
    generateKeyShare(group) {
      requireGroup(group)
      const seed = randomBytes(DECAPSULATION_SEED + POINT)
      const share = nodeProvider.generateKeyShare(group, seed)
      const [encapsulationKey, point] = halves(share.publicShare)
      decapsulationSeeds.set(encapsulationKey, Uint8Array.from(seed.subarray(0, DECAPSULATION_SEED)))
      curveKeys.set(point, Uint8Array.from(seed.subarray(DECAPSULATION_SEED)))
      return share
    },
    respondToKeyShare(group, clientShare) {
      requireGroup(group)
      const seed = randomBytes(ENCAPSULATION_SEED + POINT)
      const response = nodeProvider.respondToKeyShare(group, clientShare, seed)
      curveKeys.set(halves(response.serverShare)[1], Uint8Array.from(seed.subarray(ENCAPSULATION_SEED)))
      return response
    },
  }
  return { crypto, ephemeral: { curveKeys, decapsulationSeeds } }
}

/** The ML-KEM half and the point, in hex. */
function halves(share: Uint8Array): [string, string] {
  const octets = Buffer.from(share)
  return [octets.subarray(0, -POINT).toString('hex'), octets.subarray(-POINT).toString('hex')]
}

function requireGroup(group: string): void {
  if (group !== GROUP) throw new Error(`seeds are cut for ${GROUP} alone, not for ${group}`)
}
