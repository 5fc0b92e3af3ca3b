import { describe, expect, it } from 'vitest'
import { connectionOptions, nameOptions } from '../../../src/node/http/poolName.js'

describe('the names of pools', () => {
  const name = (request: object) => nameOptions(connectionOptions(request))

  it('are the same for the same text, octets and objects, and for options that are not of the connection', () => {
    const qkd = {}
    const make = () => ({ ca: 'PEM', cert: Buffer.from('chain'), sigalgs: ['a', 'b'], qkd })
    expect(name(make())).toBe(name({ ...make(), path: '/', method: 'POST', headers: {}, servername: 'x' }))
    expect(name({})).toBe('')
  })

  it('differ for all else, and do not show what they are made of', () => {
    const given = [
      { ca: 'PEM' },
      { cert: 'PEM' },
      { ca: Buffer.from('PEM') },
      { ca: ['PEM'] },
      { ca: ['PEM', ''] },
      { ca: ['P', 'EM'] },
      { qkd: {} },
      { qkd: {} },
      { rejectUnauthorized: true },
      { rejectUnauthorized: false },
      { passphrase: 'PEM' },
    ]
    const names = given.map(name)
    expect(new Set(names).size).toBe(given.length)
    expect(names.join()).not.toContain('PEM')
  })
})
