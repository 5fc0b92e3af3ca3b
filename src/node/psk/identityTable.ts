/**
 * Every identity and every importer context that a server takes, made beforehand: matching is then one exact look-up,
 * and a wrong kind, key source, SAE, role or auth PSK is simply not in the table.
 */
import { fromUtf8, toHex } from '../../bytes.js'
import type { HashAlgorithm } from '../../crypto/provider.js'
import { TrefoilError } from '../../errors.js'
import { isIdentifier } from '../../qkd/identifiers.js'
import {
  decodeImportedIdentity,
  encodeImportedIdentity,
  type ImportedIdentity,
  TARGET_KDF,
  TARGET_TLS13,
} from '../../tls/psk/importedIdentity.js'
import { pskContext, qkdContext } from './externalPsk.js'
import { type AuthPsk, epskHash, type PskProfile, type QkdProfile } from './profile.js'

/** What an identity on the wire stands for. */
export type KnownPsk = KnownAuthPsk | KnownQkdPsk

interface Known {
  /** KDF of the suites it is good for. */
  readonly hash: HashAlgorithm
  readonly importer: boolean
}

export interface KnownAuthPsk extends Known {
  readonly mode: 'psk'
  readonly psk: AuthPsk
}

export interface KnownQkdPsk extends Known, Link {
  readonly mode: 'qkd' | 'psk+qkd'
  readonly keyId: string
}

interface Link {
  readonly psk: AuthPsk | null
  readonly peerSaeId: string
}

const HASHES: readonly HashAlgorithm[] = ['SHA-384', 'SHA-256']

export class IdentityTable {
  readonly #profile: PskProfile
  /** By the whole identity. */
  readonly #authPsks = new Map<string, KnownPsk>()
  /** By importer context; the external identity is a key_ID. */
  readonly #links = new Map<string, Link>()

  /** @throws TrefoilError ERR_INVALID_OPTION when two PSKs of a list would look the same on the wire */
  constructor(profile: PskProfile) {
    this.#profile = profile
    const { psks, hasPsks, qkd } = profile
    if (qkd === null || qkd.policy === 'prefer') for (const psk of psks) this.#addAuthPsk(psk)
    if (qkd?.importer === true) {
      // After first contact the QKD key stands alone, without the auth PSK that first contact took.
      const alone = !hasPsks || qkd.bootstrap !== null
      for (const psk of [...psks, ...(alone ? [null] : [])]) this.#addLinks(qkd, psk)
    }
  }

  /** The PSK that this identity names for a suite of `hash`, or null. */
  find(identity: Uint8Array, hash: HashAlgorithm): KnownPsk | null {
    const authPsk = this.#authPsks.get(toHex(identity))
    if (authPsk !== undefined) return authPsk.hash === hash ? authPsk : null
    const { qkd } = this.#profile
    if (qkd === null) return null
    return qkd.importer ? this.#findImported(identity, hash) : this.#findRaw(qkd, identity, hash)
  }

  #findImported(identity: Uint8Array, hash: HashAlgorithm): KnownPsk | null {
    const imported = parseImported(identity)
    // RFC 9258 5.1: an identity is good for one protocol and one KDF.
    if (imported?.targetProtocol !== TARGET_TLS13 || imported.targetKdf !== TARGET_KDF[hash]) return null
    const link = this.#links.get(toHex(imported.context))
    const keyId = readKeyId(imported.externalIdentity)
    if (link === undefined || keyId === null) return null
    return { mode: link.psk === null ? 'qkd' : 'psk+qkd', ...link, keyId, hash, importer: true }
  }

  /** The bare key_ID: any printable identity may be one. */
  #findRaw(qkd: QkdProfile, identity: Uint8Array, hash: HashAlgorithm): KnownPsk | null {
    const psk = this.#profile.psks[0] ?? null
    const [peerSaeId] = qkd.peerSaeIds as readonly [string]
    const keyId = readKeyId(identity)
    if (keyId === null || epskHash(qkd, psk) !== hash) return null
    return { mode: psk === null ? 'qkd' : 'psk+qkd', psk, peerSaeId, keyId, hash, importer: false }
  }

  #addAuthPsk(psk: AuthPsk): void {
    if (!psk.importer) {
      this.#add(psk.identity, { mode: 'psk', psk, hash: psk.hash, importer: false })
      return
    }
    const parts = { externalIdentity: psk.identity, context: pskContext(psk), targetProtocol: TARGET_TLS13 }
    for (const hash of HASHES) {
      const identity = encodeImportedIdentity({ ...parts, targetKdf: TARGET_KDF[hash] })
      this.#add(identity, { mode: 'psk', psk, hash, importer: true })
    }
  }

  #add(identity: Uint8Array, known: KnownPsk): void {
    const key = toHex(identity)
    if (!this.#authPsks.has(key)) this.#authPsks.set(key, known)
    else this.#refuseLookAlike()
  }

  #addLinks(qkd: QkdProfile, psk: AuthPsk | null): void {
    for (const peerSaeId of qkd.peerSaeIds) {
      const ends = { keySourceName: qkd.source.name, initiatorSaeId: peerSaeId, responderSaeId: qkd.localSaeId }
      const key = toHex(qkdContext(ends, psk))
      if (!this.#links.has(key)) this.#links.set(key, { psk, peerSaeId })
      else this.#refuseLookAlike()
    }
  }

  /** What was looked up for one hello may well hold the same PSK twice, under two questions. */
  #refuseLookAlike(): void {
    if (this.#profile.lookup !== null) return
    throw new TrefoilError('ERR_INVALID_OPTION', 'two PSKs would look the same on the wire')
  }
}

function parseImported(identity: Uint8Array): ImportedIdentity | null {
  try {
    return decodeImportedIdentity(identity)
  } catch {
    return null
  }
}

function readKeyId(octets: Uint8Array): string | null {
  try {
    const keyId = fromUtf8(octets)
    return isIdentifier(keyId) ? keyId : null
  } catch {
    return null
  }
}
