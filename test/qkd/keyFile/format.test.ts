import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TrefoilError } from '../../../src/errors.js'
import { formatUuid } from '../../../src/qkd/identifiers.js'
import {
  decodeHeader,
  decodeRecord,
  encodeHeader,
  encodeRecord,
  type KeyFileHeader,
  parseKeyId,
  usedRecordTail,
} from '../../../src/qkd/keyFile/format.js'

const saeId = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
  .filter((id) => /^[^\p{Cc}\p{Cs}]+$/u.test(id) && !/^\.\.?$/.test(id))
const header: fc.Arbitrary<KeyFileHeader> = fc
  .record({
    setId: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    ids: fc.uniqueArray(saeId, { minLength: 2, maxLength: 2 }),
    owner: fc.constantFrom(0 as const, 1 as const),
    count: fc.integer({ min: 1, max: 2 ** 24 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    keyLength: fc.integer({ min: 16, max: 512 }),
  })
  .map(({ ids, share, ...rest }) => {
    const [first, second] = ids.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))) as [string, string]
    return { ...rest, saeIds: [first, second], split: Math.floor(share * rest.count) }
  })

describe('the header of a key file', () => {
  it('comes back as it was, with anything behind it', () => {
    fc.assert(
      fc.property(header, fc.uint8Array({ maxLength: 50 }), (made, rest) => {
        const octets = encodeHeader(made)
        expect(decodeHeader(Buffer.concat([octets, rest]))).toEqual({ header: made, length: octets.length })
      }),
    )
  })

  it('is refused with ERR_QKD_BAD_REPLY when any of it is missing or changed, and for any other octets', () => {
    const refused = (octets: Uint8Array) => {
      try {
        decodeHeader(octets)
        return 'accepted'
      } catch (error) {
        return error instanceof TrefoilError ? error.code : String(error)
      }
    }
    fc.assert(
      fc.property(header, fc.nat(), fc.integer({ min: 1, max: 255 }), fc.uint8Array(), (made, place, flip, other) => {
        const octets = Buffer.from(encodeHeader(made))
        expect(refused(octets.subarray(0, place % octets.length))).toBe('ERR_QKD_BAD_REPLY')
        const at = place % octets.length
        octets.writeUInt8((octets[at] as number) ^ flip, at)
        expect(refused(octets)).toBe('ERR_QKD_BAD_REPLY')
        expect(refused(Buffer.concat([Buffer.from('trefoilk\u0000\u0001'), other]))).toBe('ERR_QKD_BAD_REPLY')
      }),
    )
  })
})

describe('a record of a key file', () => {
  const made: KeyFileHeader = {
    setId: randomBytes(16),
    saeIds: ['a', 'b'],
    owner: 0,
    count: 100,
    split: 50,
    keyLength: 32,
  }

  it('is unused as written, used when struck out, and damaged in any other way, at any other place too', () => {
    const record = fc.record({
      id: fc.uint8Array({ minLength: 16, maxLength: 16 }),
      key: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    })
    fc.assert(
      fc.property(record, fc.nat(99), fc.nat(63), fc.integer({ min: 1, max: 255 }), ({ id, key }, index, at, flip) => {
        const octets = Buffer.from(encodeRecord(made, index, { id, key }))
        expect(decodeRecord(made, index, octets)).toMatchObject({ state: 'unused' })
        expect([...decodeRecord(made, index, octets).key]).toEqual([...key])
        expect(decodeRecord(made, index + 1, octets).state).toBe('damaged')
        octets.writeUInt8((octets[at] as number) ^ flip, at)
        expect(decodeRecord(made, index, octets).state).toBe('damaged')
        octets.set(usedRecordTail(made), 16)
        expect(decodeRecord(made, index, octets).state).toBe('used')
      }),
    )
  })

  it('has one spelling of its key_ID', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (id) => {
        const text = formatUuid(id)
        expect([...(parseKeyId(text) ?? [])]).toEqual([...id])
        for (const other of [` ${text}`, `${text}0`, text.replaceAll('-', ''), `{${text}}`]) {
          expect(parseKeyId(other)).toBeNull()
        }
      }),
    )
    expect(parseKeyId('ABCDEF00-0000-4000-8000-000000000000')).toBeNull()
  })
})
