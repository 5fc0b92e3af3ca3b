/**
 * ML-KEM alone, through the hybrid groups that a provider offers: the other half gets a fixed key and is cut off. So
 * the known answers of FIPS 203 check the public interface and not some inner function.
 */
import { concat } from '../../src/bytes.js'
import type { CryptoProvider, NamedGroupName } from '../../src/crypto/index.js'
import { NAMED_GROUPS } from '../../src/crypto/index.js'

export type ParameterSet = 'ML-KEM-768' | 'ML-KEM-1024'

export function isParameterSet(name: string): name is ParameterSet {
  return name === 'ML-KEM-768' || name === 'ML-KEM-1024'
}

interface Mlkem {
  /** From d ‖ z. */
  keyPair(seed: Uint8Array): { readonly ek: Uint8Array; decapsulate(c: Uint8Array): Uint8Array }
  encapsulate(ek: Uint8Array, m?: Uint8Array): { readonly c: Uint8Array; readonly k: Uint8Array }
}

const SIZES = {
  'ML-KEM-768': { group: 'X25519MLKEM768', classical: 'x25519', ek: 1184, c: 1088 },
  'ML-KEM-1024': { group: 'SecP384r1MLKEM1024', classical: 'secp384r1', ek: 1568, c: 1568 },
} as const satisfies Record<ParameterSet, { group: NamedGroupName; classical: NamedGroupName; ek: number; c: number }>

export function mlkemOf(provider: CryptoProvider, name: ParameterSet): Mlkem {
  const { group, classical } = SIZES[name]
  const { mlkemFirst } = NAMED_GROUPS[group]
  const scalar = new Uint8Array(NAMED_GROUPS[classical].clientSeedLength).fill(0x42)
  const point = provider.generateKeyShare(classical, scalar).publicShare
  const join = (mlkem: Uint8Array, other: Uint8Array) => (mlkemFirst ? concat(mlkem, other) : concat(other, mlkem))
  const cut = (joined: Uint8Array, otherLength: number) =>
    mlkemFirst ? joined.slice(0, joined.length - otherLength) : joined.slice(otherLength)
  const secretLength = NAMED_GROUPS[classical].sharedSecretLength
  return {
    keyPair(seed) {
      const share = provider.generateKeyShare(group, join(seed, scalar))
      return {
        ek: cut(share.publicShare, point.length),
        decapsulate: (c) => cut(share.agree(join(c, point)), secretLength),
      }
    },
    encapsulate(ek, m) {
      const seed = m === undefined ? undefined : join(m, scalar)
      const { serverShare, sharedSecret } = provider.respondToKeyShare(group, join(ek, point), seed)
      return { c: cut(serverShare, point.length), k: cut(sharedSecret, secretLength) }
    },
  }
}
