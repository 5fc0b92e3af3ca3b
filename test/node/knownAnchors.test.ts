import { describe, expect, it } from 'vitest'
import { createSecureContext } from '../../src/index.js'
import { knownAnchors } from '../../src/node/knownAnchors.js'
import { refusal } from '../support/refusal.js'
import { authority, ca, serverIdentity, shake } from './fixtures.js'

describe('trust anchors that are given again with every connection', () => {
  it('are read once as long as the text is the same', () => {
    expect(knownAnchors([ca]).anchors).toBe(knownAnchors([`${ca}`]).anchors)
    const other = authority('Another CA').certificatePem
    expect(knownAnchors([ca, other])).not.toBe(knownAnchors([ca]))
    expect(knownAnchors([ca, other]).anchors.certificates.length).toBe(2)
  })

  it('are read again where octets were given, which their owner may have changed', () => {
    const octets = Buffer.from(ca)
    const first = knownAnchors([octets]).anchors
    octets.fill(0)
    expect(first.certificates.length).toBe(1)
    expect(refusal(() => knownAnchors([octets]))).toBe('ERR_INVALID_OPTION')
  })

  it('are refused each time when they cannot be read, alone or beside good ones', () => {
    for (let time = 1; time <= 2; time++) {
      expect(refusal(() => knownAnchors(['']))).toBe('ERR_INVALID_OPTION')
      expect(refusal(() => knownAnchors(['', ca]))).toBe('ERR_INVALID_OPTION')
      expect(knownAnchors([ca]).anchors.certificates.length).toBe(1)
    }
  })

  it('are forgotten when others take their place', () => {
    const first = knownAnchors([ca])
    const others = Array.from({ length: 8 }, (_, i) => `${ca}${'\n'.repeat(i + 1)}`)
    for (const other of others) knownAnchors([other])
    expect(knownAnchors([ca])).not.toBe(first)
  })

  it('let a chain be known as verified to all contexts with that text, and to no other', async () => {
    const { verifiedChains } = createSecureContext({ ca })
    expect(createSecureContext({ ca }).verifiedChains).toBe(verifiedChains)
    const stranger = authority('Another CA').certificatePem
    expect(createSecureContext({ ca: stranger }).verifiedChains).not.toBe(verifiedChains)
    await shake(serverIdentity, { ca })
    await expect(shake(serverIdentity, { ca: stranger })).rejects.toMatchObject({ code: 'ERR_UNKNOWN_CA' })
  })
})
