/**
 * How auth PSKs and QKD keys become the PSKs of a handshake; the same for both roles. Whatever both ends must agree
 * on (importer context, EPSK, wire identity) is made here and nowhere else.
 */
import { wipe } from '../../bytes.js'
import type { CryptoProvider, HashAlgorithm } from '../../crypto/provider.js'
import { TrefoilError } from '../../errors.js'
import { isIdentifier } from '../../qkd/identifiers.js'
import type { QkdKey } from '../../qkd/keySource.js'
import { combineAuthPskWithQkdKey } from '../../tls/psk/importer.js'
import { encodeImporterContext } from '../../tls/psk/importerContext.js'
import { type AuthPsk, MIN_KEY_LENGTH, type PskKey, type QkdProfile } from './profile.js'

/** The two ends of a link, by their roles in the handshake. */
export interface LinkEnds {
  readonly keySourceName: string
  /** The TLS client's SAE. */
  readonly initiatorSaeId: string
  /** The TLS server's SAE. */
  readonly responderSaeId: string
}

const NO_NAMES = { initiatorId: '', responderId: '' }

/** Context of an auth PSK by itself. */
export function pskContext({ context, ends, identity }: AuthPsk): Uint8Array {
  const { initiatorId, responderId } = ends ?? NO_NAMES
  const names = { keySourceName: '', initiatorSaeId: initiatorId, responderSaeId: responderId }
  return context ?? encodeImporterContext({ kind: 'psk', ...names, authPskIdentity: identity })
}

/** Context of a QKD key, alone or combined with an auth PSK. */
export function qkdContext(ends: LinkEnds, psk: AuthPsk | null): Uint8Array {
  if (psk === null) return encodeImporterContext({ kind: 'qkd', ...ends, authPskIdentity: new Uint8Array(0) })
  return psk.context ?? encodeImporterContext({ kind: 'psk+qkd', ...ends, authPskIdentity: psk.identity })
}

/** EPSK made with a QKD key, and with the key of an auth PSK if there is one; for the caller to wipe. */
export function qkdEpsk(
  crypto: CryptoProvider,
  hash: HashAlgorithm,
  authKey: PskKey | null,
  qkdKey: Uint8Array,
): Uint8Array {
  return authKey === null ? new Uint8Array(qkdKey) : combineAuthPskWithQkdKey(crypto, hash, authKey.octets, qkdKey)
}

/** Refuses, and wipes, what a key source should never have given. */
export function checkQkdKey(key: QkdKey, expectedKeyId?: string): QkdKey {
  const refuse = (code: 'ERR_QKD_BAD_REPLY' | 'ERR_QKD_KEY_LENGTH', message: string): never => {
    wipe(key.key)
    throw new TrefoilError(code, message)
  }
  if (!(key.key instanceof Uint8Array))
    throw new TrefoilError('ERR_QKD_BAD_REPLY', 'key source gave a key without octets')
  if (!isIdentifier(key.keyId)) refuse('ERR_QKD_BAD_REPLY', 'key source gave a key_ID that cannot go on the wire')
  if (expectedKeyId !== undefined && key.keyId !== expectedKeyId) {
    refuse('ERR_QKD_BAD_REPLY', 'key source gave another key than the one asked for')
  }
  if (key.key.length < MIN_KEY_LENGTH) {
    refuse('ERR_QKD_KEY_LENGTH', `key source gave a key of ${key.key.length} octets, fewer than ${MIN_KEY_LENGTH}`)
  }
  return key
}

/** Octets of the longest identity these could put on the wire, with a key_ID of `keyIdLength` octets. */
export function longestWireIdentity(psks: readonly AuthPsk[], qkd: QkdProfile | null, keyIdLength: number): number {
  const lengths = psks.filter((psk) => psk.importer).map((psk) => psk.identity.length + pskContext(psk).length)
  if (qkd?.importer === true) {
    for (const peerSaeId of qkd.peerSaeIds) {
      const ends = { keySourceName: qkd.source.name, initiatorSaeId: qkd.localSaeId, responderSaeId: peerSaeId }
      for (const psk of psks.length === 0 ? [null] : psks) lengths.push(keyIdLength + qkdContext(ends, psk).length)
    }
  }
  // ImportedIdentity adds two length prefixes and two code points (RFC 9258 5.1).
  return Math.max(0, ...lengths) + 8
}
