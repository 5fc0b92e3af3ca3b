/** Everything said on the classical channel in one block, as one end saw it: what the proofs at its end are about. */
import { utf8 } from '../../bytes.js'
import { kindOf } from './messages.js'
import { OctetWriter } from './octets.js'

/** Alice sends the pulses, Bob detects them. */
export type Role = 'alice' | 'bob'

export class Transcript {
  readonly #writer: OctetWriter

  constructor(block: number) {
    this.#writer = new OctetWriter().bytes(utf8('trefoil bb84 v1')).word(block)
  }

  /** Who spoke, how long, and what. Proofs themselves, and the word that there will be none, are left out. */
  add(speaker: Role, message: Uint8Array): void {
    const kind = kindOf(message)
    if (kind === 'tag' || kind === 'abort') return
    this.#writer.byte(speaker === 'alice' ? 0 : 1)
    this.#writer.word(message.length).bytes(message)
  }

  octets(): Uint8Array {
    return this.#writer.finish()
  }
}
