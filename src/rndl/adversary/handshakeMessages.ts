/** Handshake messages out of the octets of records, which cut them as they like. */

export class MessageCutter {
  #pending: Buffer = Buffer.alloc(0)

  /** The messages, with their headers, that these octets complete. */
  add(octets: Buffer): Buffer[] {
    this.#pending = Buffer.concat([this.#pending, octets])
    const messages: Buffer[] = []
    while (this.#pending.length >= 4) {
      const length = 4 + this.#pending.readUIntBE(1, 3)
      if (this.#pending.length < length) break
      messages.push(this.#pending.subarray(0, length))
      this.#pending = this.#pending.subarray(length)
    }
    return messages
  }
}
