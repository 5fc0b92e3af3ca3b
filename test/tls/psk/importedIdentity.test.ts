import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, fromHex, toHex } from '../../../src/bytes.js'
import { TrefoilError } from '../../../src/errors.js'
import { decodeImportedIdentity, encodeImportedIdentity } from '../../../src/tls/psk/importedIdentity.js'
import { refusal } from '../../support/refusal.js'

const octets = (minLength: number) => fc.uint8Array({ minLength, maxLength: 64 })
const u16 = fc.integer({ min: 0, max: 0xffff })
const identities = fc.record({ externalIdentity: octets(1), context: octets(0), targetProtocol: u16, targetKdf: u16 })

describe('ImportedIdentity (RFC 9258 5.1)', () => {
  it('is two vectors and two code points', () => {
    const identity = { externalIdentity: fromHex('6b31'), context: fromHex('c0'), targetProtocol: 0x0304, targetKdf: 2 }
    expect(toHex(encodeImportedIdentity(identity))).toBe('00026b31' + '0001c0' + '0304' + '0002')
  })

  it('reads back what was written', () => {
    fc.assert(
      fc.property(identities, (identity) => {
        expect(decodeImportedIdentity(encodeImportedIdentity(identity))).toEqual(identity)
      }),
    )
  })

  it('is refused when it ends anywhere too early, or goes on', () => {
    fc.assert(
      fc.property(identities, (identity) => {
        const whole = encodeImportedIdentity(identity)
        for (let length = 0; length < whole.length; length++) {
          expect(refusal(() => decodeImportedIdentity(whole.subarray(0, length)))).toBe('ERR_DECODE')
        }
        expect(refusal(() => decodeImportedIdentity(concat(whole, Uint8Array.of(0))))).toBe('ERR_DECODE')
      }),
    )
  })

  it('has an external identity of at least one octet', () => {
    expect(refusal(() => decodeImportedIdentity(fromHex('0000' + '0001c0' + '0304' + '0001')))).toBe('ERR_DECODE')
  })

  it('is read from garbage or refused with a TrefoilError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (garbage) => {
        try {
          expect(encodeImportedIdentity(decodeImportedIdentity(garbage))).toEqual(garbage)
        } catch (error) {
          expect(error).toBeInstanceOf(TrefoilError)
        }
      }),
    )
  })
})
