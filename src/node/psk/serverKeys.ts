/** The keys of one handshake on a server, once an identity is selected: imported, combined, or a decoy's. */
import { wipe } from '../../bytes.js'
import type { CryptoProvider } from '../../crypto/provider.js'
import { TrefoilError, toTrefoilError } from '../../errors.js'
import type { QkdKey } from '../../qkd/keySource.js'
import { importPskFor } from '../../tls/psk/importer.js'
import type { PskAlternative } from '../../tls/requests.js'
import type { KeyLookupGate } from '../keyLookups/index.js'
import type { AskedKeyIds } from './askedKeyIds.js'
import { qkdEpsk } from './externalPsk.js'
import type { KnownAuthPsk, KnownPsk, KnownQkdPsk } from './identityTable.js'
import type { KeyFetcher } from './keyFetcher.js'
import { epskHash, type QkdProfile } from './profile.js'
import type { PskSource } from './source.js'

export interface ServerKeysOptions {
  readonly crypto: CryptoProvider
  readonly qkd: QkdProfile | null
  readonly fetcher: KeyFetcher | null
  readonly askedKeyIds: AskedKeyIds
  readonly gate: KeyLookupGate
  /** Told when policy `prefer` goes on without a QKD key because the key source failed. */
  readonly onFallback: (error: TrefoilError) => void
}

export class ServerKeys {
  readonly #options: ServerKeysOptions
  /** An honest client offers one QKD key, and what was not to be had under one KDF is not under another either. */
  #askedForKey = false

  constructor(options: ServerKeysOptions) {
    this.#options = options
  }

  get askedForKey(): boolean {
    return this.#askedForKey
  }

  /** One PSK for each key under the identity; null when policy `prefer` lets a QKD key be missing. */
  async alternatives(
    known: KnownPsk,
    wireIdentity: Uint8Array,
    source: PskSource,
  ): Promise<readonly PskAlternative[] | null> {
    if (known.mode === 'psk') return this.#ofAuthPsk(known, wireIdentity, source)
    const { qkd, onFallback } = this.#options
    if (qkd === null) throw new TrefoilError('ERR_INVALID_STATE', 'there is no key source to ask')
    try {
      return await this.#ofQkdKey(qkd, known, wireIdentity, source)
    } catch (thrown) {
      const error = toTrefoilError(thrown)
      if (qkd.policy === 'require' || error.blame !== 'key-source') throw error
      onFallback(error)
      return null
    }
  }

  /** What takes the time of PSKs that are known, and what nobody has. */
  decoys(known: Pick<KnownPsk, 'hash' | 'importer'>, wireIdentity: Uint8Array, keys: number): PskAlternative[] {
    return Array.from({ length: Math.max(0, keys) }, () => {
      const epsk = this.#options.crypto.randomBytes(32)
      return { psk: this.#imported(known, epsk, 'SHA-256', wireIdentity), source: null }
    })
  }

  #ofAuthPsk(known: KnownAuthPsk, wireIdentity: Uint8Array, source: PskSource): PskAlternative[] {
    const { keys, hash } = known.psk
    return keys.map(({ octets, tag }) => ({
      psk: this.#imported(known, new Uint8Array(octets), hash, wireIdentity),
      source: Object.freeze({ ...source, pskTag: tag }),
    }))
  }

  async #ofQkdKey(
    qkd: QkdProfile,
    known: KnownQkdPsk,
    wireIdentity: Uint8Array,
    source: PskSource,
  ): Promise<PskAlternative[]> {
    const { crypto, gate } = this.#options
    this.#askedForKey = true
    const { key } = await gate.run(() => this.#askOnce(known))
    const hash = epskHash(qkd, known.psk)
    try {
      return (known.psk?.keys ?? [null]).map((authKey) => ({
        psk: this.#imported(known, qkdEpsk(crypto, hash, authKey, key), hash, wireIdentity),
        source: Object.freeze({ ...source, pskTag: authKey?.tag ?? null }),
      }))
    } finally {
      wipe(key)
    }
  }

  /** Takes the EPSK: wipes it, unless it is itself the PSK. */
  #imported(
    { importer, hash }: Pick<KnownPsk, 'hash' | 'importer'>,
    epsk: Uint8Array,
    epskHash: KnownPsk['hash'],
    wireIdentity: Uint8Array,
  ): Uint8Array {
    if (!importer) return epsk
    const { psk } = importPskFor(this.#options.crypto, { epsk, hash: epskHash }, wireIdentity, hash)
    wipe(epsk)
    return psk
  }

  async #askOnce({ peerSaeId, keyId }: KnownQkdPsk): Promise<QkdKey> {
    const { askedKeyIds, fetcher } = this.#options
    // Told exactly like a key_ID that the key source does not know.
    if (fetcher === null || !askedKeyIds.begin(peerSaeId, keyId)) {
      throw new TrefoilError('ERR_QKD_KEY_NOT_FOUND', 'client named a QKD key that was asked for before')
    }
    let used = false
    try {
      const key = await fetcher.named(peerSaeId, keyId)
      used = true
      return key
    } finally {
      askedKeyIds.end(peerSaeId, keyId, used)
    }
  }
}
