/** Handshake messages: the four-octet header, and joining messages that are spread over records (RFC 9846 section 4). */
import { TrefoilError } from '../../errors.js'
import { HandshakeType, type HandshakeTypeName, handshakeTypeName } from './codePoints.js'
import { encode, type Writer } from './writer.js'

export const HANDSHAKE_HEADER_LENGTH = 4

export interface HandshakeMessage {
  readonly type: HandshakeTypeName
  readonly body: Uint8Array
  /** Header and body: what enters the transcript. */
  readonly bytes: Uint8Array
}

/** Header and body of one message. */
export function encodeHandshake(type: HandshakeTypeName, body: (writer: Writer) => void): Uint8Array {
  return encode((writer) => writer.u8(HandshakeType[type]).vector(3, body))
}

const NOTHING = new Uint8Array(0)

export interface MessageLimits {
  readonly handshakeMessageLength: number
  readonly clientHelloLength: number
}

/** Joins the contents of handshake records into messages; refuses a message by its header if it announces too much. */
export class HandshakeReader {
  private readonly limits: MessageLimits
  private buffer = NOTHING
  private length = 0

  constructor(limits: MessageLimits) {
    this.limits = limits
  }

  push(fragment: Uint8Array): void {
    if (this.length + fragment.length > this.buffer.length) {
      const larger = new Uint8Array(Math.max(this.length + fragment.length, 2 * this.length))
      larger.set(this.buffer.subarray(0, this.length))
      this.buffer = larger
    }
    this.buffer.set(fragment, this.length)
    this.length += fragment.length
  }

  /** The next whole message as a copy, or null. */
  next(): HandshakeMessage | null {
    if (this.length < 1) return null
    const code = this.buffer[0] as number
    const type = handshakeTypeName(code)
    if (type === undefined || type === 'message_hash') {
      throw new TrefoilError('ERR_UNEXPECTED_MESSAGE', `peer sent a handshake message of unknown type ${code}`)
    }
    if (this.length < HANDSHAKE_HEADER_LENGTH) return null
    const [, high, middle, low] = this.buffer as unknown as [number, number, number, number]
    const length = (high << 16) | (middle << 8) | low
    const limit = type === 'client_hello' ? this.limits.clientHelloLength : this.limits.handshakeMessageLength
    if (length > limit) {
      throw new TrefoilError(
        'ERR_MESSAGE_TOO_LARGE',
        `peer announced a ${type} of ${length} octets; at most ${limit} are taken`,
      )
    }
    const total = HANDSHAKE_HEADER_LENGTH + length
    if (this.length < total) return null
    const bytes = this.buffer.slice(0, total)
    this.buffer.copyWithin(0, total, this.length)
    this.length -= total
    if (this.length === 0) this.buffer = NOTHING
    return { type, body: bytes.subarray(HANDSHAKE_HEADER_LENGTH), bytes }
  }

  /** Whether octets of a further message are waiting: not allowed where keys change (RFC 9846 5.1). */
  get pending(): boolean {
    return this.length > 0
  }
}
