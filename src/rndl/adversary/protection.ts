/** Records of one direction, in clear and under traffic keys (RFC 9846 5). */
import { createDecipheriv } from 'node:crypto'
import { Cursor } from './cursor.js'
import { expandLabel, type Hash } from './keyDerivation.js'
import type { Schedule } from './schedule.js'

export const ContentType = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const

export interface WireRecord {
  readonly type: number
  readonly header: Buffer
  readonly fragment: Buffer
}

/** The whole records at the front; what the tape breaks off in is left out. */
export function readRecords(octets: Buffer): WireRecord[] {
  const records: WireRecord[] = []
  const cursor = new Cursor(octets)
  while (cursor.remaining >= 5) {
    const header = cursor.take(5)
    const length = header.readUInt16BE(3)
    if (cursor.remaining < length) break
    records.push({ type: header[0] as number, header, fragment: cursor.take(length) })
  }
  return records
}

export interface Suite {
  readonly hash: Hash
  readonly cipher: 'aes-128-gcm' | 'aes-256-gcm' | 'chacha20-poly1305'
  readonly keyLength: number
}

const SUITES: ReadonlyMap<number, Suite> = new Map<number, Suite>([
  [0x1301, { hash: 'sha256', cipher: 'aes-128-gcm', keyLength: 16 }],
  [0x1302, { hash: 'sha384', cipher: 'aes-256-gcm', keyLength: 32 }],
  [0x1303, { hash: 'sha256', cipher: 'chacha20-poly1305', keyLength: 32 }],
])

export const suiteOf = (codePoint: number): Suite | null => SUITES.get(codePoint) ?? null

export interface InnerPlaintext {
  readonly type: number
  readonly content: Buffer
}

const TAG_LENGTH = 16

/** What one traffic secret opens, record after record. */
export class Opener {
  readonly #suite: Suite
  readonly #key: Buffer
  readonly #iv: Buffer
  readonly #nonce: Schedule['nonce']
  #sequence = 0n

  constructor(suite: Suite, trafficSecret: Uint8Array, { nonce }: Schedule) {
    this.#suite = suite
    this.#nonce = nonce
    this.#key = expandLabel(suite.hash, trafficSecret, 'key', Buffer.alloc(0), suite.keyLength)
    this.#iv = expandLabel(suite.hash, trafficSecret, 'iv', Buffer.alloc(0), 12)
  }

  /** Null, with the sequence number where it was, when the record is not under this key with the next number. */
  open({ header, fragment }: WireRecord): InnerPlaintext | null {
    if (fragment.length < TAG_LENGTH) return null
    const nonce = this.#nonce(this.#iv, this.#sequence)
    const { cipher } = this.#suite
    const decipher = createDecipheriv(cipher as 'aes-256-gcm', this.#key, nonce, { authTagLength: TAG_LENGTH })
    decipher.setAAD(header)
    decipher.setAuthTag(fragment.subarray(-TAG_LENGTH))
    const inner = decipher.update(fragment.subarray(0, -TAG_LENGTH))
    try {
      decipher.final()
    } catch {
      return null
    }
    this.#sequence++
    let end = inner.length
    while (end > 0 && inner[end - 1] === 0) end--
    if (end === 0) return null
    return { type: inner[end - 1] as number, content: inner.subarray(0, end - 1) }
  }
}
