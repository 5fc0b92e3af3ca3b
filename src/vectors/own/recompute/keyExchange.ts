/** Shares and secrets of both ends from their private keys, and the halves of the hybrid secret each by itself. */
import { concat, equalBytes, fromHex, toHex } from '../../../bytes.js'
import { groupByCodePoint, NAMED_GROUPS, type NamedGroupName } from '../../../crypto/groups.js'
import type { CryptoProvider, KeyShare } from '../../../crypto/provider.js'
import type { Hex, KeyPairInput } from '../trace.js'

const CURVES = {
  X25519: { name: 'x25519', classical: 'x25519', shareLength: 32 },
  'P-256': { name: 'secp256r1', classical: 'secp256r1', shareLength: 65 },
  'P-384': { name: 'secp384r1', classical: 'secp384r1', shareLength: 97 },
} as const

export type KeyPair = KeyPairInput & { readonly publicKey: Hex }

/** The octets that a provider takes for a key pair: in the order of the halves of the share. */
export function seedOf(pair: KeyPairInput): Uint8Array {
  const curve = curveKey(pair)
  const mlkem = fromHex(pair.mlkemSeed ?? pair.mlkemEncapsulationRandomness ?? '')
  return NAMED_GROUPS[pair.group].mlkemFirst ? concat(mlkem, curve) : concat(curve, mlkem)
}

export function clientShare(crypto: CryptoProvider, pair: KeyPairInput): KeyShare {
  return crypto.generateKeyShare(pair.group, seedOf(pair))
}

export function groupNamed(codePoint: number | null): NamedGroupName {
  const group = codePoint === null ? undefined : groupByCodePoint(codePoint)
  if (group === undefined) throw new Error(`there is no key exchange group ${codePoint}`)
  return group
}

/** The shared secret and its halves, under the names of the files. */
export function secretsOf(group: NamedGroupName, sharedSecret: Uint8Array): Record<string, Hex> {
  const { mlkem, curve, mlkemFirst } = NAMED_GROUPS[group]
  if (mlkem === null) return { sharedSecret: toHex(sharedSecret) }
  // An ML-KEM secret has 32 octets; the secret of a curve, as many as its field elements.
  const [first, second] = mlkemFirst
    ? [sharedSecret.slice(0, 32), sharedSecret.slice(32)]
    : [sharedSecret.slice(0, -32), sharedSecret.slice(-32)]
  const [ofMlkem, ofCurve] = mlkemFirst ? [first, second] : [second, first]
  return {
    mlkemSharedSecret: toHex(ofMlkem),
    [`${CURVES[curve].name}SharedSecret`]: toHex(ofCurve),
    sharedSecret: toHex(sharedSecret),
  }
}

/** @throws Error when the curve's half of the secret is not what the curve by itself gives */
export function checkCurveHalf(
  crypto: CryptoProvider,
  own: KeyPairInput,
  peerShare: Uint8Array,
  secrets: Record<string, Hex>,
): void {
  const { mlkem, curve, mlkemFirst } = NAMED_GROUPS[own.group]
  if (mlkem === null) return
  const { name, classical, shareLength } = CURVES[curve]
  const half = mlkemFirst ? peerShare.slice(-shareLength) : peerShare.slice(0, shareLength)
  const agreed = crypto.generateKeyShare(classical, curveKey(own)).agree(half)
  if (!equalBytes(agreed, fromHex(secrets[`${name}SharedSecret`] ?? ''))) {
    throw new Error(`the ${name} half of the shared secret is not that of the curve`)
  }
}

function curveKey(pair: KeyPairInput): Uint8Array {
  return fromHex(pair.x25519PrivateKey ?? pair.secp256r1PrivateKey ?? pair.secp384r1PrivateKey ?? '')
}
