import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pad, printable, width, wrap } from '../../src/pages/text.js'

describe('the width of a text', () => {
  it('is the columns it takes in a terminal, not its length', () => {
    expect(width('QKD key')).toBe(7)
    expect(width('Schlüssel')).toBe(9)
    expect(width('Schlu\u0308ssel')).toBe(9)
    expect(width('量子鍵')).toBe(6)
    expect(width('🔑')).toBe(2)
    expect(width('👩‍🔬')).toBe(2)
    expect(width('a\u200bb')).toBe(2)
  })
})

describe('columns', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 60 }).map(printable)

  it('are filled exactly, whatever the text', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 40 }), fc.constantFrom('left', 'right'), (any, columns, align) => {
        expect(width(pad(any, columns, align))).toBe(columns)
      }),
    )
  })

  it('hold every line that was wrapped, and nothing is lost but spaces', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 2, max: 40 }), (any, columns) => {
        const lines = wrap(any, columns)
        for (const line of lines) expect(width(line)).toBeLessThanOrEqual(columns)
        expect(lines.join('').replaceAll(' ', '')).toBe(any.replaceAll(' ', ''))
      }),
    )
  })
})

describe('printable text', () => {
  it('has nothing in it that steers a terminal or turns its direction', () => {
    expect(printable('\u001b[31mred\u009b2J\r\n\u202eevil\u2066\ud800')).toBe(
      '\ufffd[31mred\ufffd2J\ufffd\ufffd\ufffdevil\ufffd\ufffd',
    )
  })
})
