/** Follows the key schedule of endpoints from outside: which secret descends from which (RFC 9846 7.1). */
import { toHex } from '../../../bytes.js'

/** What led to a Handshake or Main Secret. */
export interface Lineage {
  readonly early: Uint8Array
  /** What the key exchange gave. */
  readonly shared: Uint8Array
}

/** By content, so that one of these may follow any number of sessions. */
export class Lineages {
  /** Salts of the extract that gives a Handshake Secret, with their Early Secrets. */
  readonly #handshakeSalts = new Map<string, Uint8Array>()
  readonly #mainSalts = new Map<string, Lineage>()
  /** Of Handshake Secrets. */
  readonly #handshakes = new Map<string, Lineage>()
  /** Of Main Secrets. */
  readonly #mains = new Map<string, Lineage>()

  /** `secret` gave `salt` by the label "derived". */
  derived(secret: Uint8Array, salt: Uint8Array): void {
    const lineage = this.#handshakes.get(toHex(secret))
    if (lineage === undefined) this.#handshakeSalts.set(toHex(salt), new Uint8Array(secret))
    else this.#mainSalts.set(toHex(salt), lineage)
  }

  extracted(salt: Uint8Array, ikm: Uint8Array, secret: Uint8Array): void {
    const early = this.#handshakeSalts.get(toHex(salt))
    const lineage = this.#mainSalts.get(toHex(salt))
    if (early !== undefined) this.#handshakes.set(toHex(secret), { early, shared: new Uint8Array(ikm) })
    else if (lineage !== undefined) this.#mains.set(toHex(secret), lineage)
  }

  /** The stage that an extract with this salt gives; null for one that is outside the chain. */
  stageAfter(salt: Uint8Array): 'handshake' | 'main' | null {
    if (this.#handshakeSalts.has(toHex(salt))) return 'handshake'
    return this.#mainSalts.has(toHex(salt)) ? 'main' : null
  }

  /** The Early Secret behind the salt of a Handshake Secret. */
  earlyBehind(salt: Uint8Array): Uint8Array | null {
    return this.#handshakeSalts.get(toHex(salt)) ?? null
  }

  /** What led to this Handshake or Main Secret. */
  of(secret: Uint8Array): Lineage | null {
    return this.#handshakes.get(toHex(secret)) ?? this.#mains.get(toHex(secret)) ?? null
  }
}
