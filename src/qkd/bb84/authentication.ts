/**
 * Authentication of the classical channel. At the end of a block each end proves, over everything that was said in it
 * by either, that the other heard the same; before that nothing leaves the block. One proof in each direction covers
 * all messages of both (delayed authentication, as in Kiktenko et al., IEEE Trans. Inf. Theory 66, 6354 (2020), arXiv
 * 1903.10237).
 *
 * - Wegman-Carter (J. Comput. Syst. Sci. 22, 265 (1981)): tag = GHASH_H(transcript) ⊕ pad. GHASH (NIST SP 800-38D 6.4)
 *   of m blocks of 16 bytes is m / 2^128-almost-xor-universal, so a forgery succeeds with at most that probability,
 *   whatever the forger can compute. H and both pads are new for every block: with keys that are only ε-secret, a hash
 *   key that stays the same wears out (Abidin and Larsson, arXiv 1109.5168).
 * - Signatures, for the first block of two ends that share no secret: ML-DSA under pinned keys. Once the link has made
 *   keys of its own they are not accepted any more.
 */
import { ghash } from '@noble/ciphers/_polyval.js'
import { concat, constantTimeEqual, copy, utf8, wipe } from '../../bytes.js'
import type { CryptoProvider, PrivateKeyMaterial, SigningKey, VerifyingKey } from '../../crypto/index.js'
import { AUTHENTICATION_KEY_LENGTH, type AuthenticationKeys } from './authenticationKeys.js'
import { OctetReader, OctetWriter } from './octets.js'
import { BlockAborted } from './reasons.js'
import type { Role } from './transcript.js'

export type MldsaName = 'mldsa44' | 'mldsa65' | 'mldsa87'

/** The signature key of one end, and the key of the other that it has pinned. */
export interface SigningIdentity {
  readonly privateKey: PrivateKeyMaterial & { readonly algorithm: MldsaName }
  /** ML-DSA public key of the other end, raw octets (FIPS 204); of the same parameter set. */
  readonly peerPublicKey: Uint8Array
}

/** How one end proves what it said and judges what it heard. */
export interface Authenticator {
  /** The body of TAG. @throws BlockAborted `authentication-keys-exhausted` */
  prove(transcript: Uint8Array): Uint8Array
  /** @throws BlockAborted `authentication-failed`, `bad-message` */
  verify(transcript: Uint8Array, proof: Uint8Array): void
}

/** No authentication at all. Whoever sits on the classical channel can share a key with each end unnoticed. */
export const NO_AUTHENTICATION: Authenticator = {
  prove: () => new Uint8Array(0),
  verify(_, proof) {
    if (proof.length > 0) throw failed()
  },
}

/**
 * Bob proves first and thereby chooses the key; Alice answers with the same key's other pad. Its number goes with the
 * tag, so that the ends find together again after a block that one of them spent a key on and the other did not.
 */
export function wegmanCarter(role: Role, keys: AuthenticationKeys): Authenticator {
  let agreed: { index: number; key: Uint8Array } | null = null
  return {
    prove(transcript) {
      const chosen = role === 'bob' ? keys.takeNext() : agreed
      if (chosen === null) throw new BlockAborted({ kind: 'authentication-keys-exhausted' })
      agreed = chosen
      const tag = wegmanCarterTag(role, chosen.key, transcript)
      return new OctetWriter().word(chosen.index).bytes(tag).finish()
    },
    verify(transcript, proof) {
      const reader = new OctetReader(proof)
      const index = reader.word()
      const tag = reader.bytes(16)
      reader.end()
      const key = role === 'bob' && agreed?.index === index ? agreed.key : role === 'alice' ? keys.peek(index) : null
      if (key === null) throw failed()
      const peer = role === 'bob' ? 'alice' : 'bob'
      if (!constantTimeEqual(wegmanCarterTag(peer, key, transcript), tag)) throw failed()
      if (role === 'alice') keys.spendUpTo(index)
      else wipe(key)
      agreed = { index, key }
    },
  }
}

/**
 * 16 bytes. @param key {@link AUTHENTICATION_KEY_LENGTH} bytes: hash key H, Bob's pad, Alice's pad; each pad is used for
 * one transcript only
 */
export function wegmanCarterTag(role: Role, key: Uint8Array, transcript: Uint8Array): Uint8Array {
  const pad = role === 'bob' ? key.subarray(16, 32) : key.subarray(32, AUTHENTICATION_KEY_LENGTH)
  // The length in a block of its own keeps zeros at the end apart from the filling that GHASH adds.
  const length = new Uint8Array(16)
  new DataView(length.buffer).setBigUint64(8, BigInt(transcript.length))
  const hash = ghash.create(key.subarray(0, 16), transcript.length + 16)
  const tag = hash.update(transcript).update(length).digest()
  for (let i = 0; i < tag.length; i++) tag[i] = (tag[i] as number) ^ (pad[i] as number)
  return tag
}

/** @throws TrefoilError ERR_INVALID_KEY, ERR_BAD_CERTIFICATE when a key is none */
export function signatures(role: Role, identity: SigningIdentity, provider: CryptoProvider): Authenticator {
  const { algorithm } = identity.privateKey
  const own: SigningKey = provider.signingKey(identity.privateKey)
  const peer: VerifyingKey = provider.verifyingKey(algorithm, copy(identity.peerPublicKey))
  const signed = (signer: Role, transcript: Uint8Array): Uint8Array =>
    concat(utf8(`trefoil bb84 v1 ${signer}\0`), provider.hash('SHA-384', transcript))
  return {
    prove: (transcript) => own.sign(algorithm, signed(role, transcript)),
    verify(transcript, proof) {
      const from = role === 'bob' ? 'alice' : 'bob'
      if (!peer.verify(algorithm, signed(from, transcript), proof)) throw failed()
    },
  }
}

function failed(): BlockAborted {
  return new BlockAborted({ kind: 'authentication-failed' })
}
