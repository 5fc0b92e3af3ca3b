/**
 * What an adversary has been handed. Each kind stands for a component that fell: a quantum computer gives the ephemeral
 * scalars, new mathematics the ML-KEM secrets, a burglary the keys of a key manager.
 */
import type { Hash } from './keyDerivation.js'

export interface Leaks {
  /** Ephemeral private keys of X25519, P-256 or P-384, by the public share in hex: what breaking the curve gives. */
  readonly curveKeys: ReadonlyMap<string, Uint8Array>
  /** ML-KEM decapsulation keys as seeds d ‖ z (64 octets, FIPS 203 7.1), by the encapsulation key in hex. */
  readonly decapsulationSeeds: ReadonlyMap<string, Uint8Array>
  /** Encapsulated secrets (32 octets), by the ciphertext in hex. */
  readonly encapsulatedSecrets: ReadonlyMap<string, Uint8Array>
  /** QKD keys by key_ID: the key manager's pool. */
  readonly qkdKeys: ReadonlyMap<string, Uint8Array>
  /** Auth PSKs, by identity in hex. */
  readonly authPsks: ReadonlyMap<string, Uint8Array>
  /** Ticket keys of servers, 48 octets each: name of 16, AES-256 key of 32. */
  readonly ticketKeys: readonly Uint8Array[]
  /** Resumption PSKs that a client or a session store held, by ticket in hex. */
  readonly resumptionPsks: ReadonlyMap<string, ResumptionPsk>
  /** PSKs as the importer gave them, found in the memory of an endpoint: tried on every imported identity. */
  readonly importedPsks?: readonly Uint8Array[]
  /** Traffic secrets found in an endpoint's memory at some time. */
  readonly trafficSecrets: readonly Uint8Array[]
  /**
   * Handshake and application traffic secrets by client random in hex and RFC 9850 label: what the broken key exchange
   * of a stack gives whose ephemeral keys cannot be had, such as the TLS of a key manager.
   */
  readonly keyLog: ReadonlyMap<string, ReadonlyMap<string, Uint8Array>>
  /**
   * Private signing keys: of endpoints, of CAs. They are in no computation below, which is the point: nothing that was
   * recorded opens with them.
   */
  readonly signingKeys: readonly Uint8Array[]
}

export interface ResumptionPsk {
  readonly psk: Uint8Array
  readonly hash: Hash
}

export const NO_LEAKS: Leaks = Object.freeze({
  curveKeys: new Map(),
  decapsulationSeeds: new Map(),
  encapsulatedSecrets: new Map(),
  qkdKeys: new Map(),
  authPsks: new Map(),
  ticketKeys: [],
  resumptionPsks: new Map(),
  trafficSecrets: [],
  keyLog: new Map(),
  signingKeys: [],
})
