/**
 * The key schedule of TLS 1.3 (RFC 9846 section 7.1). It is also the hybrid combiner of this library: a chain of
 * HKDF-Extracts in which a QKD key enters as PSK and ML-KEM ‖ X25519 as (EC)DHE. HKDF-Extract is a PRF in either of
 * its inputs (a dual PRF, eprint 2023/861), so every secret below an arrow stays secret while any one input above it
 * does. PROTOCOL.md has the argument and its limits.
 *
 *                  0
 *                  │
 *      PSK ──► HKDF-Extract = Early Secret
 *                  ├──► Derive-Secret(., "ext binder" | "imp binder" | "res binder", "") = binder_key
 *                  ├──► Derive-Secret(., "c e traffic", ClientHello)
 *                  └──► Derive-Secret(., "e exp master", ClientHello)
 *            Derive-Secret(., "derived", "")
 *                  │
 * (EC)DHE ──► HKDF-Extract = Handshake Secret            (EC)DHE: ML-KEM secret ‖ X25519 secret, RFC 10024
 *                  ├──► Derive-Secret(., "c hs traffic", ClientHello…ServerHello)
 *                  └──► Derive-Secret(., "s hs traffic", ClientHello…ServerHello)
 *            Derive-Secret(., "derived", "")
 *                  │
 *       0 ──► HKDF-Extract = Main Secret
 *                  ├──► Derive-Secret(., "c ap traffic", ClientHello…server Finished)
 *                  ├──► Derive-Secret(., "s ap traffic", ClientHello…server Finished)
 *                  ├──► Derive-Secret(., "exp master", ClientHello…server Finished)
 *                  └──► Derive-Secret(., "res master", ClientHello…client Finished)
 *
 * One class per stage. Entering the next stage wipes the one before; a stage that was left throws when used again.
 */
import { EMPTY, wipe } from '../bytes.js'
import { hashLength } from '../crypto/cipherSuites.js'
import type { CryptoProvider, HashAlgorithm, MacKey } from '../crypto/provider.js'
import { TrefoilError } from '../errors.js'
import { expandLabel, hkdfExpandLabel, hkdfExtract } from './hkdf.js'

/** Octets of one particular secret: the brand keeps an early secret from standing in for a handshake secret. */
export type Secret<Label extends string> = Uint8Array & { readonly secret?: Label }

export type BinderLabel = 'ext binder' | 'imp binder' | 'res binder'

/** Which label goes with which kind of PSK (RFC 9846 7.1; "imp binder": RFC 9258 5.2). */
export const BINDER_LABELS = {
  external: 'ext binder',
  imported: 'imp binder',
  resumption: 'res binder',
} as const satisfies Record<string, BinderLabel>

export type ClientHandshakeTrafficSecret = Secret<'c hs traffic'>
export type ServerHandshakeTrafficSecret = Secret<'s hs traffic'>
export type ClientApplicationTrafficSecret = Secret<'c ap traffic'>
export type ServerApplicationTrafficSecret = Secret<'s ap traffic'>
export type TrafficSecret = Secret<'c e traffic' | 'c hs traffic' | 's hs traffic' | 'c ap traffic' | 's ap traffic'>
export type ExporterSecret = Secret<'exp master' | 'e exp master'>
export type ResumptionSecret = Secret<'res master'>

/** What the stages share: the secret as an HKDF key, and its end. */
abstract class Stage {
  protected readonly crypto: CryptoProvider
  readonly hash: HashAlgorithm
  private readonly octets: Uint8Array
  private key: MacKey | null = null
  private ended = false

  /** A stage is made by the one before it; the first by `new EarlySecret`. */
  constructor(crypto: CryptoProvider, hash: HashAlgorithm, secret: Uint8Array) {
    this.crypto = crypto
    this.hash = hash
    this.octets = secret
  }

  /** The stage's secret itself, HashLen octets: for known-answer tests. A view; zeros once the stage has ended. */
  get secret(): Uint8Array {
    return this.octets
  }

  /** Derive-Secret(secret, label, messages), given Transcript-Hash(messages). */
  protected deriveSecret<L extends string>(label: L, transcriptHash: Uint8Array): Secret<L> {
    if (this.ended) throw new TrefoilError('ERR_INVALID_STATE', `key schedule stage was used after its end`)
    this.key ??= this.crypto.hmacKey(this.hash, this.octets)
    return expandLabel(this.key, this.hash, label, transcriptHash, hashLength(this.hash))
  }

  /** HKDF-Extract with Derive-Secret(secret, "derived", "") as salt; ends this stage. */
  protected extractNext(ikm: Uint8Array): Uint8Array {
    const salt = this.deriveSecret('derived', emptyTranscriptHash(this.crypto, this.hash))
    const next = hkdfExtract(this.crypto, this.hash, salt, ikm)
    wipe(salt)
    this.wipe()
    return next
  }

  /** Forgets the stage. */
  wipe(): void {
    this.ended = true
    this.key?.wipe()
    this.key = null
    wipe(this.octets)
  }
}

/** Early Secret = HKDF-Extract(0, PSK). */
export class EarlySecret extends Stage {
  /** @param psk the pre-shared key, or null for a handshake without one (then HashLen zeros). The caller wipes it. */
  constructor(crypto: CryptoProvider, hash: HashAlgorithm, psk: Uint8Array | null) {
    const zeros = new Uint8Array(hashLength(hash))
    super(crypto, hash, hkdfExtract(crypto, hash, zeros, psk ?? zeros))
  }

  /** binder_key; its Finished key signs the truncated ClientHello (RFC 9846 4.3.11.2; "imp binder": RFC 9258 5.2). */
  binderKey(label: BinderLabel): Secret<BinderLabel> {
    return this.deriveSecret(label, emptyTranscriptHash(this.crypto, this.hash))
  }

  /** PskBinderEntry for a transcript that ends with the truncated ClientHello. */
  binder(label: BinderLabel, truncatedTranscriptHash: Uint8Array): Uint8Array {
    const binderKey = this.binderKey(label)
    const binder = finishedVerifyData(this.crypto, this.hash, binderKey, truncatedTranscriptHash)
    wipe(binderKey)
    return binder
  }

  /** client_early_traffic_secret. Trefoil sends no 0-RTT data; here for analysis of handshakes that do. */
  clientEarlyTrafficSecret(clientHelloHash: Uint8Array): Secret<'c e traffic'> {
    return this.deriveSecret('c e traffic', clientHelloHash)
  }

  earlyExporterSecret(clientHelloHash: Uint8Array): Secret<'e exp master'> {
    return this.deriveSecret('e exp master', clientHelloHash)
  }

  /** @param sharedSecret of the (EC)DHE or hybrid exchange: 32, 64 or 80 octets, always fixed for a group */
  enterHandshake(sharedSecret: Uint8Array): HandshakeSecret {
    return new HandshakeSecret(this.crypto, this.hash, this.extractNext(sharedSecret))
  }
}

/** Handshake Secret = HKDF-Extract(Derive-Secret(Early Secret, "derived", ""), (EC)DHE). */
export class HandshakeSecret extends Stage {
  /** @param transcriptHash over ClientHello…ServerHello */
  clientHandshakeTrafficSecret(transcriptHash: Uint8Array): ClientHandshakeTrafficSecret {
    return this.deriveSecret('c hs traffic', transcriptHash)
  }

  serverHandshakeTrafficSecret(transcriptHash: Uint8Array): ServerHandshakeTrafficSecret {
    return this.deriveSecret('s hs traffic', transcriptHash)
  }

  enterMain(): MainSecret {
    return new MainSecret(this.crypto, this.hash, this.extractNext(new Uint8Array(hashLength(this.hash))))
  }
}

/** Main Secret = HKDF-Extract(Derive-Secret(Handshake Secret, "derived", ""), 0). */
export class MainSecret extends Stage {
  /** @param transcriptHash over ClientHello…server Finished, here and in the next two */
  clientApplicationTrafficSecret(transcriptHash: Uint8Array): ClientApplicationTrafficSecret {
    return this.deriveSecret('c ap traffic', transcriptHash)
  }

  serverApplicationTrafficSecret(transcriptHash: Uint8Array): ServerApplicationTrafficSecret {
    return this.deriveSecret('s ap traffic', transcriptHash)
  }

  exporterSecret(transcriptHash: Uint8Array): ExporterSecret {
    return this.deriveSecret('exp master', transcriptHash)
  }

  /** @param transcriptHash over ClientHello…client Finished */
  resumptionSecret(transcriptHash: Uint8Array): ResumptionSecret {
    return this.deriveSecret('res master', transcriptHash)
  }
}

/** Transcript-Hash(""), by provider. */
const emptyHashes = new WeakMap<CryptoProvider, Map<HashAlgorithm, Uint8Array>>()

function emptyTranscriptHash(crypto: CryptoProvider, hash: HashAlgorithm): Uint8Array {
  const ofProvider = emptyHashes.get(crypto) ?? new Map<HashAlgorithm, Uint8Array>()
  const empty = ofProvider.get(hash) ?? crypto.hash(hash, EMPTY)
  emptyHashes.set(crypto, ofProvider.set(hash, empty))
  return empty
}

export interface TrafficKeys {
  readonly key: Uint8Array
  /** 12 octets. */
  readonly iv: Uint8Array
}

/** write_key and write_iv of a traffic secret (RFC 9846 7.3). */
export function trafficKeys(
  crypto: CryptoProvider,
  hash: HashAlgorithm,
  secret: TrafficSecret,
  keyLength: number,
): TrafficKeys {
  const prk = crypto.hmacKey(hash, secret)
  const keys = {
    key: expandLabel(prk, hash, 'key', EMPTY, keyLength),
    iv: expandLabel(prk, hash, 'iv', EMPTY, 12),
  }
  prk.wipe()
  return keys
}

/** application_traffic_secret_N+1 (RFC 9846 7.2). The caller wipes the old one. */
export function nextTrafficSecret<L extends string>(
  crypto: CryptoProvider,
  hash: HashAlgorithm,
  secret: Secret<L>,
): Secret<L> {
  return hkdfExpandLabel(crypto, hash, secret, 'traffic upd', EMPTY, hashLength(hash))
}

/** verify_data of a Finished message, or a binder: HMAC(finished_key(base), transcript hash) (RFC 9846 4.5.4). */
export function finishedVerifyData(
  crypto: CryptoProvider,
  hash: HashAlgorithm,
  baseKey: Uint8Array,
  transcriptHash: Uint8Array,
): Uint8Array {
  const finishedKey = hkdfExpandLabel(crypto, hash, baseKey, 'finished', EMPTY, hashLength(hash))
  const key = crypto.hmacKey(hash, finishedKey)
  const verifyData = key.mac(transcriptHash)
  key.wipe()
  wipe(finishedKey)
  return verifyData
}

/** The PSK that belongs to a ticket (RFC 9846 4.7.1). */
export function resumptionPsk(
  crypto: CryptoProvider,
  hash: HashAlgorithm,
  secret: ResumptionSecret,
  ticketNonce: Uint8Array,
): Uint8Array {
  return hkdfExpandLabel(crypto, hash, secret, 'resumption', ticketNonce, hashLength(hash))
}

/** TLS-Exporter(label, context, length) (RFC 9846 7.5). An absent context is an empty one. */
export function exportKeyingMaterial(
  crypto: CryptoProvider,
  hash: HashAlgorithm,
  secret: ExporterSecret,
  label: string,
  context: Uint8Array,
  length: number,
): Uint8Array {
  const derived = hkdfExpandLabel(crypto, hash, secret, label, emptyTranscriptHash(crypto, hash), hashLength(hash))
  const exported = hkdfExpandLabel(crypto, hash, derived, 'exporter', crypto.hash(hash, context), length)
  wipe(derived)
  return exported
}
