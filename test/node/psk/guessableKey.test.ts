import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/bytes.js'
import { createServer } from '../../../src/index.js'
import { looksGuessable } from '../../../src/node/psk/guessableKey.js'
import { readPsk } from '../../../src/node/psk/readPsk.js'
import { refusal } from '../../support/refusal.js'

describe('a key that looks made up is found', () => {
  it.each<[string, Uint8Array, ReturnType<typeof looksGuessable>]>([
    ['a password', utf8('correct horse battery staple'), 'text'],
    ['hex that nobody decoded', utf8('9f86d081884c7d659a2feaa0c55ad015'), 'text'],
    ['base64 that nobody decoded', utf8('n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg='), 'text'],
    ['zeros', new Uint8Array(16), 'repetition'],
    ['a block over and over', utf8('secretsecretsecret'), 'repetition'],
    [
      'a block over and over, cut off',
      Uint8Array.from({ length: 32 }, (_, i) => [200, 7, 99, 250, 16][i % 5] ?? 0),
      'repetition',
    ],
    [
      'two halves that are the same',
      Uint8Array.from({ length: 32 }, (_, i) => ((i % 16) * 37 + 130) & 0xff),
      'repetition',
    ],
    ['counting up', Uint8Array.from({ length: 32 }, (_, i) => i), 'sequence'],
    ['counting down past zero', Uint8Array.from({ length: 16 }, (_, i) => (5 - i) & 0xff), 'sequence'],
    ['five values', Uint8Array.from([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 3, 4, 5]), 'few values'],
    ['text and one other octet', Uint8Array.from([...utf8('sixteen octets.'), 0x7f]), null],
    ['six values', Uint8Array.from([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 3, 4, 5, 6]), null],
  ])('%s', (_, key, expected) => {
    expect(looksGuessable(key)).toBe(expected)
  })

  it('whatever text it is, of any length', () => {
    fc.assert(fc.property(fc.string({ minLength: 16 }), (text) => looksGuessable(utf8(text)) !== null))
  })

  it('whatever the block and however often', () => {
    const blocks = fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 24 }), fc.integer({ min: 16, max: 48 }))
    fc.assert(
      fc.property(blocks, ([block, rest]) => {
        const length = Math.max(16, block.length + rest)
        const key = Uint8Array.from({ length }, (_, i) => block[i % block.length] ?? 0)
        return 2 * block.length > length || looksGuessable(key) !== null
      }),
    )
  })
})

describe('a random key is not', () => {
  /** By the rule for text, the one that counts: (95/256)^n, so for 5,000 keys of 32 octets less than 10^-9. */
  it('of 32 octets', () => {
    const keys = Array.from({ length: 5000 }, () => randomBytes(32))
    expect(keys.filter((key) => looksGuessable(key) !== null)).toEqual([])
  })

  it('of 16 octets: the chance is below one in seven million', () => {
    expect((95 / 256) ** 16).toBeLessThan(1 / 7_000_000)
    // Chosen octets, not drawn ones, since a drawn key would be taken for text once in so many runs.
    const octets = fc.uniqueArray(fc.integer({ min: 0x80, max: 0xff }), { minLength: 16, maxLength: 16 })
    const scattered = octets.filter((key) => new Set(key.map((octet, i) => octet - (key[i - 1] ?? 0))).size > 3)
    fc.assert(fc.property(scattered, (key) => looksGuessable(Uint8Array.from(key)) === null))
  })
})

describe('the warning', () => {
  const secret = 'correct horse battery staple'
  const psk = (key: Uint8Array, identity = 'branch-17') => ({ identity, key })

  it('comes once in a process, names the PSK, and holds nothing of the key', async () => {
    const warnings: (Error & { code?: string })[] = []
    const note = (warning: Error) => warnings.push(warning)
    process.on('warning', note)
    createServer({ psk: psk(randomBytes(16)) })
    createServer({ psk: { ...psk(randomBytes(32)), key: [randomBytes(32), utf8(secret)] } })
    createServer({ psk: psk(new Uint8Array(32), 'another') })
    await expect.poll(() => warnings.length).toBeGreaterThan(0)
    process.off('warning', note)
    expect(warnings.map(({ code }) => code)).toEqual(['TREFOIL_LOW_ENTROPY_PSK'])
    const said = `${warnings[0]?.stack}`
    expect(said).toContain('"branch-17"')
    for (const form of [
      ...secret.split(' '),
      Buffer.from(secret).toString('hex'),
      Buffer.from(secret).toString('base64'),
    ])
      expect(said).not.toContain(form)
  })

  it('is no substitute for the length: under 16 octets a key is refused', () => {
    for (const key of [utf8('fifteen octets.'), [randomBytes(32), randomBytes(15)], []]) {
      expect(refusal(() => readPsk({ identity: 'a', key }, 'server'))).toBe('ERR_INVALID_OPTION')
    }
  })
})
