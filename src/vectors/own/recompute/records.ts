/** Record protection of one direction (RFC 9846 section 5.2), and the handshake messages in its records. */
import { concat, EMPTY, fromHex, toHex } from '../../../bytes.js'
import { CIPHER_SUITES, type CipherSuiteName } from '../../../crypto/cipherSuites.js'
import type { CryptoProvider } from '../../../crypto/provider.js'
import type { FlowRecord, Hex, Role } from '../trace.js'
import { Hkdf } from './hkdf.js'

export interface TrafficKeys {
  readonly key: Hex
  readonly iv: Hex
}

const CONTENT_TYPES = { 20: 'change_cipher_spec', 21: 'alert', 22: 'handshake', 23: 'application_data' } as const
const HEADER_LENGTH = 5

export function trafficKeys(crypto: CryptoProvider, suite: CipherSuiteName, secret: Uint8Array): TrafficKeys {
  const { hash, keyLength } = CIPHER_SUITES[suite]
  const hkdf = new Hkdf(crypto, hash)
  return {
    key: toHex(hkdf.expandLabel(secret, 'key', EMPTY, keyLength)),
    iv: toHex(hkdf.expandLabel(secret, 'iv', EMPTY, 12)),
  }
}

export class Direction {
  readonly #crypto: CryptoProvider
  readonly #from: Role
  #suite: CipherSuiteName | null = null
  #keys: TrafficKeys | null = null
  #epoch = 'plaintext'
  #seq = 0
  #pending: Uint8Array = EMPTY

  constructor(crypto: CryptoProvider, from: Role) {
    this.#crypto = crypto
    this.#from = from
  }

  protect(epoch: string, suite: CipherSuiteName, keys: TrafficKeys): void {
    if (this.#pending.length > 0) throw new Error('a handshake message goes on past a change of keys')
    this.#epoch = epoch
    this.#suite = suite
    this.#keys = keys
    this.#seq = 0
  }

  /** What is in a record, and the handshake messages that are whole with it. */
  open(record: Hex): { flow: FlowRecord; messages: Uint8Array[] } {
    const octets = fromHex(record)
    const version = record.slice(2, 6)
    // RFC 9846 5.1: 0x0301 is for the first record of all, where it is ever sent.
    if (version !== '0303' && this.#keys === null) throw new Error(`a record has the version ${version}`)
    const length = ((octets[3] ?? 0) << 8) | (octets[4] ?? 0)
    if (octets.length !== HEADER_LENGTH + length) throw new Error('a record has not the length that it says')
    const opened = this.#content(octets)
    if (opened.contentType !== 'handshake') return { flow: { ...opened, record }, messages: [] }
    const messages = this.#cut(fromHex(opened.payload ?? ''))
    const messageTypes = messages.map((message) => message[0] as number)
    const { payload, ...rest } = opened
    return { flow: { ...rest, messageTypes, payload: payload ?? '', record }, messages }
  }

  #content(octets: Uint8Array): Omit<FlowRecord, 'record'> {
    const outer = contentType(octets[0])
    if (this.#keys === null || outer !== 'application_data') {
      return { from: this.#from, contentType: outer, epoch: 'plaintext', payload: toHex(octets.slice(HEADER_LENGTH)) }
    }
    const common = { from: this.#from, epoch: this.#epoch, seq: this.#seq } as const
    const inner = this.#decrypt(octets, this.#keys)
    if (inner === null) return { from: this.#from, contentType: 'invalid', epoch: common.epoch, seq: common.seq }
    const end = inner.findLastIndex((octet) => octet !== 0)
    const payload = toHex(inner.slice(0, Math.max(0, end)))
    return { from: this.#from, contentType: contentType(inner[end]), epoch: common.epoch, seq: common.seq, payload }
  }

  #decrypt(octets: Uint8Array, { key, iv }: TrafficKeys): Uint8Array | null {
    const nonce = fromHex(iv)
    const seq = this.#seq++
    // No vector has more than 255 records under one key.
    nonce[11] = (nonce[11] as number) ^ seq
    const { aead } = CIPHER_SUITES[this.#suite as CipherSuiteName]
    const header = octets.slice(0, HEADER_LENGTH)
    return this.#crypto.aead(aead, fromHex(key)).open(nonce, header, octets.slice(HEADER_LENGTH))
  }

  #cut(content: Uint8Array): Uint8Array[] {
    const messages: Uint8Array[] = []
    let rest = concat(this.#pending, content)
    for (;;) {
      const end = 4 + (((rest[1] ?? 0) << 16) | ((rest[2] ?? 0) << 8) | (rest[3] ?? 0))
      if (rest.length < 4 || rest.length < end) break
      messages.push(rest.slice(0, end))
      rest = rest.slice(end)
    }
    this.#pending = rest
    return messages
  }
}

function contentType(octet: number | undefined): FlowRecord['contentType'] {
  const type = CONTENT_TYPES[octet as keyof typeof CONTENT_TYPES]
  if (type === undefined) throw new Error(`a record is of the unknown type ${octet}`)
  return type
}
