import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressGroup } from '../../../src/node/keyLookups/index.js'

describe('addresses taken for one party', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7', 'an IPv4 address'],
    ['::ffff:192.0.2.7', '192.0.2.7', 'one mapped into IPv6, as a dual-stack server sees it'],
    ['::FFFF:c000:0207', '192.0.2.7', 'the same in hexadecimal'],
    ['0:0:0:0:0:ffff:192.0.2.7', '192.0.2.7', 'the same written out'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64', 'an IPv6 address'],
    ['2001:0DB8:0001:0002::1', '2001:db8:1:2::/64', 'the same network in another spelling'],
    ['2001:db8::1', '2001:db8:0:0::/64', 'one with zeros left out'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64', 'one with a zone'],
    ['::1', '0:0:0:0::/64', 'loopback'],
    ['64:ff9b::192.0.2.7', '64:ff9b:0:0::/64', 'one that only ends like IPv4'],
    ['', '', 'none at all, as of a Unix socket'],
  ])('%s is %s: %s', (address, group) => expect(addressGroup(address)).toBe(group))

  const word = fc.integer({ min: 0, max: 0xffff })
  const half = fc.array(word, { minLength: 4, maxLength: 4 })
  const text = (words: readonly number[]) => words.map((value) => value.toString(16)).join(':')

  it('an IPv6 network is its first 64 bits, whatever follows', () => {
    fc.assert(
      fc.property(half, half, half, half, (network, other, host, another) => {
        fc.pre(network[0] !== 0 && text(network) !== text(other))
        const group = addressGroup(text([...network, ...host]))
        expect(addressGroup(text([...network, ...another]))).toBe(group)
        expect(addressGroup(text([...other, ...host]))).not.toBe(group)
      }),
    )
  })
})
