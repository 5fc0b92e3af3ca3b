import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, concatAll, fromHex, toHex } from '../src/bytes.js'

describe('hex', () => {
  it('comes back as the octets it was made of, in either case', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => {
        expect(fromHex(toHex(octets))).toEqual(octets)
        expect(fromHex(toHex(octets).toUpperCase())).toEqual(octets)
      }),
    )
  })

  it('has no other characters, wherever they stand, and no odd length', () => {
    for (let code = 0; code < 300; code++) {
      const character = String.fromCharCode(code)
      const isDigit = /^[0-9a-fA-F]$/.test(character)
      for (const text of [`${character}0`, `0${character}`, `00${character}f00`]) {
        if (isDigit) expect(fromHex(text)[text.length / 2 - 1]).toBe(Number.parseInt(text.slice(-2), 16))
        else expect(() => fromHex(text)).toThrow(SyntaxError)
      }
    }
    for (const text of ['0', '000', 'abcde']) expect(() => fromHex(text)).toThrow(SyntaxError)
  })
})

describe('joining octet strings', () => {
  it('may take more of them in a list than a call has room for as arguments', () => {
    const pieces = Array.from({ length: 200_000 }, (_, i) => Uint8Array.of(i & 0xff))
    expect(() => concat(...pieces)).toThrow(RangeError)
    expect(concatAll(pieces).length).toBe(200_000)
  })
})
