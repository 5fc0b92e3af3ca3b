import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toHex } from '../../../src/bytes.js'
import { CIPHER_SUITES, DEFAULT_CIPHER_SUITES } from '../../../src/crypto/cipherSuites.js'
import { RecordProtection } from '../../../src/tls/index.js'
import { trafficKeys } from '../../../src/tls/keySchedule.js'
import { recordLimit } from '../../../src/tls/recordLayer.js'
import { octets } from '../../support/codecs.js'
import { PROVIDERS } from '../../support/providers.js'
import { refusal } from '../../support/refusal.js'

const LIMIT = 2 ** 14 + 1
const asRecord = (bytes: Uint8Array) => ({
  type: bytes[0] as number,
  header: bytes.subarray(0, 5),
  payload: bytes.subarray(5),
})

describe.each(PROVIDERS.flatMap((provider) => DEFAULT_CIPHER_SUITES.map((suite) => [provider, suite] as const)))(
  'record protection with the $name provider under %s',
  (provider, suite) => {
    const { hash, hashLength, keyLength, aead } = CIPHER_SUITES[suite]
    const secret = new Uint8Array(hashLength).fill(3)
    const ends = () =>
      [1, 2].map(() => new RecordProtection(provider, suite, secret)) as [RecordProtection, RecordProtection]

    it('opens what it sealed, in order, of any type and length', () => {
      fc.assert(
        fc.property(
          fc.array(fc.record({ type: fc.integer({ min: 1, max: 255 }), content: octets(0, 300) }), { maxLength: 5 }),
          (list) => {
            const [from, to] = ends()
            for (const { type, content } of list) {
              const opened = to.open(asRecord(from.seal(type, content)), LIMIT)
              expect([opened.type, toHex(opened.content)]).toEqual([type, toHex(content)])
            }
            expect([from.records, to.records]).toEqual([list.length, list.length])
          },
        ),
        { numRuns: 20 },
      )
    })

    it('uses iv XOR sequence number as nonce and the header as additional data (RFC 9846 5.2, 5.3)', () => {
      const { key, iv } = trafficKeys(provider, hash, secret, keyLength)
      const [from] = ends()
      for (const sequence of [0, 1, 255, 256, 2 ** 32 + 7, 2 ** 40, 2 ** 53 - 2]) {
        from.records = sequence
        const bytes = from.seal(23, Uint8Array.of(9, 9))
        const nonce = iv.slice()
        const number = Buffer.alloc(8)
        number.writeBigUInt64BE(BigInt(sequence))
        number.forEach((octet, i) => {
          nonce[4 + i] = (nonce[4 + i] as number) ^ octet
        })
        const header = Uint8Array.of(23, 3, 3, 0, 2 + 1 + 16)
        expect(toHex(bytes.subarray(0, 5))).toBe(toHex(header))
        const opened = provider.aead(aead, key).open(nonce, header, bytes.subarray(5))
        expect([...(opened ?? [])]).toEqual([9, 9, 23])
      }
    })

    it('refuses any changed octet, a replay, a gap and another order with bad_record_mac', () => {
      const [from, to] = ends()
      const [first, second] = [from.seal(23, Uint8Array.of(1)), from.seal(23, Uint8Array.of(2))] as const
      for (let at = 0; at < first.length; at++) {
        const changed = asRecord(first.with(at, (first[at] as number) ^ 1))
        expect(refusal(() => to.open(changed, LIMIT))).toBe('ERR_BAD_RECORD_MAC')
      }
      expect(refusal(() => to.open(asRecord(second), LIMIT))).toBe('ERR_BAD_RECORD_MAC')
      // A failure does not move the sequence number.
      expect(to.records).toBe(0)
      expect(refusal(() => to.open(asRecord(first), LIMIT))).toBeNull()
      expect(refusal(() => to.open(asRecord(first), LIMIT))).toBe('ERR_BAD_RECORD_MAC')
      expect(refusal(() => to.open(asRecord(second), LIMIT))).toBeNull()
    })

    it('refuses records too short for a tag with bad_record_mac', () => {
      for (let length = 0; length <= 16; length++) {
        const [, to] = ends()
        expect(
          refusal(() => to.open(asRecord(Uint8Array.from([23, 3, 3, 0, length, ...new Uint8Array(length)])), LIMIT)),
        ).toBe('ERR_BAD_RECORD_MAC')
      }
    })

    it('strips padding, and refuses nothing but padding with unexpected_message (RFC 9846 5.4)', () => {
      const [from, to] = ends()
      const padded = from.seal(0, Uint8Array.of(1, 0, 2, 22, 0, 0, 0))
      expect(to.open(asRecord(padded), LIMIT)).toEqual({ type: 22, content: Uint8Array.of(1, 0, 2) })
      for (const length of [0, 1, 100]) {
        const only = from.seal(0, new Uint8Array(length))
        expect(refusal(() => to.open(asRecord(only), LIMIT))).toBe('ERR_UNEXPECTED_MESSAGE')
      }
    })

    it('refuses more than the limit, type and padding counted, with record_overflow', () => {
      for (const [content, type, limit, code] of [
        [63, 23, 64, null],
        [64, 23, 64, 'ERR_RECORD_OVERFLOW'],
        [64, 0, 64, 'ERR_RECORD_OVERFLOW'],
        [2 ** 14, 23, LIMIT, null],
        [2 ** 14 + 1, 23, LIMIT, 'ERR_RECORD_OVERFLOW'],
      ] as const) {
        const [from, to] = ends()
        expect(refusal(() => to.open(asRecord(from.seal(type, new Uint8Array(content))), limit))).toBe(code)
      }
    })

    it('goes on to the next secret, with the sequence number at zero, and not back', () => {
      const [from, to] = ends()
      const old = from.seal(23, Uint8Array.of(1))
      to.open(asRecord(old), LIMIT)
      for (let i = 0; i < 3; i++) {
        from.update()
        to.update()
        expect([from.records, to.records]).toEqual([0, 0])
        expect(refusal(() => to.open(asRecord(old), LIMIT))).toBe('ERR_BAD_RECORD_MAC')
        expect(to.open(asRecord(from.seal(23, Uint8Array.of(i))), LIMIT).content).toEqual(Uint8Array.of(i))
      }
    })

    it('copies the secret it is given', () => {
      const own = secret.slice()
      const from = new RecordProtection(provider, suite, own)
      own.fill(0)
      const [, to] = ends()
      from.update()
      to.update()
      expect(to.open(asRecord(from.seal(23, Uint8Array.of(1))), LIMIT).type).toBe(23)
    })
  },
)

describe('the records that one key may protect', () => {
  it('are 2^24.5 for AES-GCM, what can be counted for ChaCha20-Poly1305, or fewer if so configured (RFC 9846 5.5)', () => {
    expect(recordLimit('TLS_AES_128_GCM_SHA256', Number.POSITIVE_INFINITY)).toBe(2 ** 24.5)
    expect(recordLimit('TLS_AES_256_GCM_SHA384', 2 ** 30)).toBe(2 ** 24.5)
    expect(recordLimit('TLS_CHACHA20_POLY1305_SHA256', Number.POSITIVE_INFINITY)).toBe(2 ** 53 - 1)
    expect(recordLimit('TLS_AES_256_GCM_SHA384', 100)).toBe(100)
  })
})
