/**
 * Where QKD keys come from, seen by whoever consumes them. A key is one secret shared by two secure application
 * entities (SAEs); it has an ID, and each side may fetch it once (ETSI GS QKD 014 5.3, 5.4).
 */

export interface QkdKey {
  /** key_ID exactly as the key manager spelled it. */
  readonly keyId: string
  /** The key itself. The consumer wipes it. */
  readonly key: Uint8Array
  /** How it came here; absent when its source cannot tell. */
  readonly delivery?: DeliveryLink
}

/** The way by which a key reached its consumer. A key is no more secret than that way. */
export interface DeliveryLink {
  /** `memory`: it never left the process. `file`: it was read from one. `tls`: a key manager sent it. */
  readonly kind: 'memory' | 'file' | 'tls'
  /** TLS version, such as `TLSv1.3`; null without TLS. */
  readonly protocol: string | null
  /** The group whose exchange protected it, such as `X25519MLKEM768`; null without TLS, or when it is not known. */
  readonly group: string | null
  /** Whether a tape of the link stays closed to a quantum computer; true where nothing could be taped. */
  readonly postQuantum: boolean
}

export interface KeyRequestOptions {
  readonly signal?: AbortSignal
}

export interface KeySource {
  /** Enters the importer context, so both ends must configure the same name. */
  readonly name: string
  /** A fresh key shared with `peerSaeId`: what the initiator of a handshake fetches (enc_keys). */
  getKey(peerSaeId: string, options?: KeyRequestOptions): Promise<QkdKey>
  /** The key that the peer named: what the responder fetches (dec_keys). */
  getKeyWithId(peerSaeId: string, keyId: string, options?: KeyRequestOptions): Promise<QkdKey>
  status(peerSaeId: string, options?: KeyRequestOptions): Promise<KeySourceStatus>
  /** The way keys come, as the latest call found it; null before the first, absent when the source cannot tell. */
  readonly deliveryLink?: DeliveryLink | null
}

/** What a key source can say of its supply for one peer; sizes in bits (ETSI GS QKD 014 6.1). */
export interface KeySourceStatus {
  readonly storedKeyCount: number
  readonly maxKeyCount: number
  readonly keySize: number
  readonly minKeySize: number
  readonly maxKeySize: number
  readonly maxKeysPerRequest: number
}
