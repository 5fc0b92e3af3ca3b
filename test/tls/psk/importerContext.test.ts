import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, fromHex, toHex, utf8 } from '../../../src/bytes.js'
import { TrefoilError } from '../../../src/errors.js'
import {
  decodeImporterContext,
  encodeImporterContext,
  type ImporterContext,
} from '../../../src/tls/psk/importerContext.js'
import { refusal } from '../../support/refusal.js'

const text = fc.string({ unit: 'grapheme', maxLength: 12 })
const contexts: fc.Arbitrary<ImporterContext> = fc.record({
  kind: fc.constantFrom('psk', 'qkd', 'psk+qkd'),
  keySourceName: text,
  initiatorSaeId: text,
  responderSaeId: text,
  authPskIdentity: fc.uint8Array({ maxLength: 40 }),
})

const EXAMPLE: ImporterContext = {
  kind: 'psk+qkd',
  keySourceName: 'etsi014',
  initiatorSaeId: 'alice',
  responderSaeId: 'bob',
  authPskIdentity: utf8('link-1'),
}

describe('the importer context', () => {
  it('is version, kind, key source, both SAEs by role, and auth PSK identity', () => {
    const name = toHex(utf8('etsi014'))
    const saes = `0005${toHex(utf8('alice'))}0003${toHex(utf8('bob'))}`
    expect(toHex(encodeImporterContext(EXAMPLE))).toBe(`010307${name}${saes}0006${toHex(utf8('link-1'))}`)
  })

  it('reads back what was written', () => {
    fc.assert(
      fc.property(contexts, (context) => {
        expect(decodeImporterContext(encodeImporterContext(context))).toEqual(context)
      }),
    )
  })

  it('is different wherever one of its parts is, so that no two uses of a key look the same', () => {
    fc.assert(
      fc.property(contexts, contexts, (a, b) => {
        const same = JSON.stringify([a, [...a.authPskIdentity]]) === JSON.stringify([b, [...b.authPskIdentity]])
        expect(toHex(encodeImporterContext(a)) === toHex(encodeImporterContext(b))).toBe(same)
      }),
    )
  })

  it('is refused when it ends anywhere too early, or goes on', () => {
    const whole = encodeImporterContext(EXAMPLE)
    for (let length = 0; length < whole.length; length++) {
      expect(refusal(() => decodeImporterContext(whole.subarray(0, length)))).toBe('ERR_DECODE')
    }
    expect(refusal(() => decodeImporterContext(concat(whole, Uint8Array.of(0))))).toBe('ERR_DECODE')
  })

  it.each([
    ['another version', '0201' + '00' + '0000' + '0000' + '0000'],
    ['kind 0', '0100' + '00' + '0000' + '0000' + '0000'],
    ['kind 4', '0104' + '00' + '0000' + '0000' + '0000'],
    ['a name that is not UTF-8', '0101' + '01ff' + '0000' + '0000' + '0000'],
  ])('is refused with %s', (_, hex) => {
    expect(refusal(() => decodeImporterContext(fromHex(hex)))).toBe('ERR_DECODE')
  })

  it('is read from garbage or refused with a TrefoilError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (garbage) => {
        try {
          expect(encodeImporterContext(decodeImporterContext(garbage))).toEqual(garbage)
        } catch (error) {
          expect(error).toBeInstanceOf(TrefoilError)
        }
      }),
    )
  })
})
