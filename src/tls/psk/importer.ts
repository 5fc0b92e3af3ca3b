/**
 * The external PSK importer (RFC 9258 section 5.2), and the combination of an auth PSK with a QKD key that feeds it.
 */
import { concat, wipe } from '../../bytes.js'
import { hashLength } from '../../crypto/cipherSuites.js'
import type { CryptoProvider, HashAlgorithm } from '../../crypto/provider.js'
import { hkdfExpandLabel, hkdfExtract } from '../hkdf.js'
import type { ImportedIdentity } from './importedIdentity.js'
import { encodeImportedIdentity, TARGET_KDF, TARGET_TLS13 } from './importedIdentity.js'

export interface ExternalPsk {
  /** external_identity: the key_ID as the key manager spelled it, or the PSK's own identity. */
  readonly identity: Uint8Array
  readonly epsk: Uint8Array
  /** The hash this EPSK was provisioned for; SHA-256 unless agreed otherwise (RFC 9258 5.2). */
  readonly hash: HashAlgorithm
  readonly context: Uint8Array
}

export interface ImportedPsk {
  /** Serialized ImportedIdentity: what pre_shared_key carries. */
  readonly identity: Uint8Array
  /** ipskx, as long as the output of the target hash. */
  readonly psk: Uint8Array
}

/** Derives the PSK for one target KDF. `external.epsk` is the caller's to wipe. */
export function importPsk(crypto: CryptoProvider, external: ExternalPsk, target: HashAlgorithm): ImportedPsk {
  const identity: ImportedIdentity = {
    externalIdentity: external.identity,
    context: external.context,
    targetProtocol: TARGET_TLS13,
    targetKdf: TARGET_KDF[target],
  }
  return derive(crypto, external, encodeImportedIdentity(identity), hashLength(target))
}

/** The same for an identity that arrived on the wire: its octets enter the derivation as they stand. */
export function importPskFor(
  crypto: CryptoProvider,
  external: Pick<ExternalPsk, 'epsk' | 'hash'>,
  wireIdentity: Uint8Array,
  target: HashAlgorithm,
): ImportedPsk {
  return derive(crypto, external, wireIdentity, hashLength(target))
}

/**
 * EPSK of the `psk+qkd` kind: HKDF-Extract(salt = auth PSK, ikm = QKD key). Secret while either of the two is, as
 * HKDF-Extract is a dual PRF (eprint 2023/861); authenticated by the auth PSK even when the QKD key is known.
 * Both inputs are the caller's to wipe. Returns as many octets as the hash has.
 */
export function combineAuthPskWithQkdKey(
  crypto: CryptoProvider,
  hash: HashAlgorithm,
  authPsk: Uint8Array,
  qkdKey: Uint8Array,
): Uint8Array {
  return hkdfExtract(crypto, hash, authPsk, qkdKey)
}

function derive(
  crypto: CryptoProvider,
  external: Pick<ExternalPsk, 'epsk' | 'hash'>,
  wireIdentity: Uint8Array,
  length: number,
): ImportedPsk {
  const epskx = hkdfExtract(crypto, external.hash, new Uint8Array(hashLength(external.hash)), external.epsk)
  const context = crypto.hash(external.hash, wireIdentity)
  const psk = hkdfExpandLabel(crypto, external.hash, epskx, 'derived psk', context, length)
  wipe(epskx)
  return { identity: concat(wireIdentity), psk }
}
