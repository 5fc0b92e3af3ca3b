import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DEFAULT_LIMITS } from '../../../src/tls/config.js'
import { encodeHandshake, HandshakeReader } from '../../../src/tls/wire/handshake.js'
import { decode, Reader } from '../../../src/tls/wire/reader.js'
import { RecordReader, writeRecordHeader } from '../../../src/tls/wire/record.js'
import { Writer } from '../../../src/tls/wire/writer.js'
import { octets } from '../../support/codecs.js'
import { refusal } from '../../support/refusal.js'

const sizes = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 8 })

function feed(bytes: Uint8Array, portions: readonly number[], push: (portion: Uint8Array) => void): void {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = portions[i % portions.length] as number
    // Each portion is a chunk of its own, as from a socket.
    push(bytes.slice(at, at + size))
    at += size
  }
}

describe('the record reader', () => {
  const record = fc.record({ type: fc.integer({ min: 20, max: 23 }), payload: octets(0, 500) })
  const records = fc.array(record, { maxLength: 8 })
  const encoded = (list: readonly { type: number; payload: Uint8Array }[]) =>
    Buffer.concat(
      list.map(({ type, payload }) => {
        const bytes = new Uint8Array(5 + payload.length)
        writeRecordHeader(bytes, type, payload.length)
        bytes.set(payload, 5)
        return bytes
      }),
    )

  function read(bytes: Uint8Array, portions: readonly number[]) {
    const reader = new RecordReader()
    const found: { type: number; payload: number[]; header: number[] }[] = []
    feed(bytes, portions, (portion) => {
      reader.push(portion)
      for (let next = reader.next(); next !== null; next = reader.next()) {
        found.push({ type: next.type, payload: [...next.payload], header: [...next.header] })
      }
    })
    return { found, partial: reader.partial }
  }

  it('finds the same records however the stream is cut', () => {
    fc.assert(
      fc.property(records, sizes, (list, portions) => {
        const bytes = new Uint8Array(encoded(list))
        const expected = list.map(({ type, payload }) => ({
          type,
          payload: [...payload],
          header: [type, 3, 3, payload.length >>> 8, payload.length & 0xff],
        }))
        for (const cut of [portions, [1], [bytes.length + 1]]) {
          expect(read(bytes, cut)).toEqual({ found: expected, partial: false })
        }
      }),
      { numRuns: 60 },
    )
  })

  it('reads on when octets come before the records found so far have been asked for', () => {
    const list = [1, 2, 3].map((i) => ({ type: 22, payload: new Uint8Array(100 * i).fill(i) }))
    const reader = new RecordReader()
    feed(new Uint8Array(encoded(list)), [7], (portion) => reader.push(portion))
    expect(list.map(() => reader.next()?.payload[0])).toEqual([1, 2, 3])
    expect([reader.next(), reader.partial]).toEqual([null, false])
  })

  it('finds records that are spread over long chunks, some of them short, which nobody read as they came', () => {
    const list = Array.from({ length: 12 }, (_, i) => ({ type: 23, payload: new Uint8Array(16_000 + i).fill(i + 1) }))
    for (const portions of [[65_536], [40_000, 1, 2, 70_000], [16_405, 3], [1, 1, 1, 30_000]]) {
      const reader = new RecordReader()
      feed(new Uint8Array(encoded(list)), portions, (portion) => reader.push(portion))
      for (const { payload } of list) expect(Buffer.from(reader.next()?.payload ?? []).equals(payload)).toBe(true)
      expect([reader.next(), reader.partial]).toEqual([null, false])
    }
  })

  it('does not change the chunks that it is given', () => {
    const reader = new RecordReader()
    const first = Uint8Array.of(22, 3, 3, 0, 4, 1)
    const second = Uint8Array.of(2, 3, 4, 22)
    reader.push(first)
    expect(reader.next()).toBeNull()
    reader.push(second)
    expect([...(reader.next()?.payload ?? [])]).toEqual([1, 2, 3, 4])
    expect([[...first], [...second]]).toEqual([
      [22, 3, 3, 0, 4, 1],
      [2, 3, 4, 22],
    ])
  })

  it('refuses unknown types by the first octet and long records by the header', () => {
    for (let type = 0; type < 256; type++) {
      const reader = new RecordReader()
      reader.push(Uint8Array.of(type))
      expect(refusal(() => reader.next())).toBe(type >= 20 && type <= 23 ? null : 'ERR_UNEXPECTED_MESSAGE')
    }
    for (const [length, code] of [
      [16_640, null],
      [16_641, 'ERR_RECORD_OVERFLOW'],
      [65_535, 'ERR_RECORD_OVERFLOW'],
    ] as const) {
      const reader = new RecordReader()
      reader.push(Uint8Array.of(23, 3, 3, length >>> 8, length & 0xff))
      expect(refusal(() => reader.next())).toBe(code)
    }
  })

  it('takes or refuses any octets, and ends', () => {
    fc.assert(
      fc.property(octets(0, 300), sizes, (bytes, portions) => {
        const code = refusal(() => read(bytes, portions))
        expect([null, 'ERR_UNEXPECTED_MESSAGE', 'ERR_RECORD_OVERFLOW']).toContain(code)
      }),
      { numRuns: 300 },
    )
  })
})

describe('the handshake reader', () => {
  const type = fc.constantFrom('client_hello', 'certificate', 'finished', 'key_update', 'new_session_ticket')
  const messages = fc.array(fc.record({ type, body: octets(0, 600) }), { maxLength: 6 })

  it('joins the same messages however they are cut into records', () => {
    fc.assert(
      fc.property(messages, sizes, (list, portions) => {
        const encoded = list.map(({ type: name, body }) =>
          encodeHandshake(name as 'finished', (writer) => writer.bytes(body)),
        )
        const stream = new Uint8Array(Buffer.concat(encoded))
        for (const cut of [portions, [1], [stream.length + 1]]) {
          const reader = new HandshakeReader(DEFAULT_LIMITS)
          const found: { type: string; body: number[] }[] = []
          feed(stream, cut, (portion) => {
            reader.push(portion)
            for (let next = reader.next(); next !== null; next = reader.next()) {
              expect(next.bytes.subarray(4)).toEqual(next.body)
              found.push({ type: next.type, body: [...next.body] })
            }
          })
          expect(found).toEqual(list.map(({ type: name, body }) => ({ type: name, body: [...body] })))
          expect(reader.pending).toBe(false)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('refuses a message by its header if it announces more than is taken', () => {
    const limits = { handshakeMessageLength: 300, clientHelloLength: 70_000 }
    for (const [code, length, refused] of [
      [11, 300, null],
      [11, 301, 'ERR_MESSAGE_TOO_LARGE'],
      [1, 70_000, null],
      [1, 70_001, 'ERR_MESSAGE_TOO_LARGE'],
      [20, 0xffffff, 'ERR_MESSAGE_TOO_LARGE'],
    ] as const) {
      const reader = new HandshakeReader(limits)
      reader.push(Uint8Array.of(code, length >>> 16, (length >>> 8) & 0xff, length & 0xff))
      expect(refusal(() => reader.next())).toBe(refused)
    }
  })

  it('refuses types that are not sent, message_hash among them, by their first octet', () => {
    const known = [1, 2, 4, 5, 8, 11, 13, 15, 20, 24]
    for (let code = 0; code < 256; code++) {
      const reader = new HandshakeReader(DEFAULT_LIMITS)
      reader.push(Uint8Array.of(code))
      expect(refusal(() => reader.next())).toBe(known.includes(code) ? null : 'ERR_UNEXPECTED_MESSAGE')
    }
  })
})

describe('presentation language', () => {
  it('integers come back in big-endian order', () => {
    fc.assert(
      fc.property(fc.nat(0xff), fc.nat(0xffff), fc.nat(0xffffff), fc.nat(2 ** 31 - 1), (a, b, c, d) => {
        const written = new Writer(new Uint8Array(1))
        written
          .u8(a)
          .u16(b)
          .u24(c)
          .u32(d * 2 + 1)
        const bytes = written.finish()
        expect(bytes.length).toBe(10)
        const read = decode(bytes, 'it', (reader) => [reader.u8(), reader.u16(), reader.u24(), reader.u32()])
        expect(read).toEqual([a, b, c, d * 2 + 1])
      }),
    )
  })

  it('a vector keeps to its bounds in both directions', () => {
    const read = (bytes: readonly number[], minimum: number, maximum: number) =>
      refusal(() => new Reader(Uint8Array.from(bytes), 'it').opaque(1, minimum, maximum))
    expect(read([2, 1, 1], 1, 2)).toBeNull()
    expect(read([0], 1, 2)).toBe('ERR_DECODE')
    expect(read([3, 1, 1, 1], 1, 2)).toBe('ERR_DECODE')
    expect(() => new Writer(new Uint8Array(0)).opaque(1, new Uint8Array(256))).toThrow(RangeError)
    expect(() => new Writer(new Uint8Array(0)).opaque(2, new Uint8Array(65_536))).toThrow(RangeError)
  })
})
