/**
 * ML-KEM alone, through the hybrid groups that a provider offers: the other half gets a fixed key and is cut off. So
 * the known answers of FIPS 203 check the public interface and not some inner function.
 */
import { concat } from '../../bytes.js'
import { NAMED_GROUPS, type NamedGroupName } from '../../crypto/groups.js'
import type { MlkemName } from '../../crypto/keyExchange.js'
import type { CryptoProvider } from '../../crypto/provider.js'

export interface Mlkem {
  /** From d ‖ z, 64 octets. */
  keyPair(seed: Uint8Array): MlkemKeyPair
  /** With `m`, 32 octets, a function of its inputs. @throws TrefoilError ERR_BAD_KEY_SHARE */
  encapsulate(ek: Uint8Array, m?: Uint8Array): { readonly c: Uint8Array; readonly k: Uint8Array }
}

export interface MlkemKeyPair {
  readonly ek: Uint8Array
  /** Once. @throws TrefoilError ERR_BAD_KEY_SHARE */
  decapsulate(c: Uint8Array): Uint8Array
}

const GROUPS = {
  'ML-KEM-768': { group: 'X25519MLKEM768', classical: 'x25519' },
  'ML-KEM-1024': { group: 'SecP384r1MLKEM1024', classical: 'secp384r1' },
} as const satisfies Record<MlkemName, { group: NamedGroupName; classical: NamedGroupName }>

/** The parameter sets that a named group has. */
export function isParameterSet(name: string): name is MlkemName {
  return Object.hasOwn(GROUPS, name)
}

export function mlkemOf(provider: CryptoProvider, name: MlkemName): Mlkem {
  const { group, classical } = GROUPS[name]
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
