import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nodeProvider } from '../../src/crypto/index.js'
import type { CryptoProvider, KeyShare } from '../../src/crypto/provider.js'
import { keyShareMaker, PreparedKeyShares } from '../../src/node/preparedKeyShares.js'

/** The real provider, which notes what it has made and what of it has been wiped. */
function noting() {
  const made: KeyShare[] = []
  const wiped = new Set<KeyShare>()
  const crypto: CryptoProvider = {
    ...nodeProvider,
    generateKeyShare(group, seed) {
      const share = nodeProvider.generateKeyShare(group, seed)
      const noted: KeyShare = {
        ...share,
        wipe() {
          wiped.add(noted)
          share.wipe()
        },
      }
      made.push(noted)
      return noted
    },
  }
  return { crypto, made, wiped }
}

describe('key shares made ahead', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('are not made for a process that connects once, nor for one that connects now and then', () => {
    const { crypto, made } = noting()
    const shares = new PreparedKeyShares(crypto)
    for (let connection = 1; connection <= 3; connection++) {
      shares.take('x25519')
      vi.advanceTimersByTime(31_000)
      expect(made.length).toBe(connection)
    }
  })

  it('are ready for the third connection in a while, and each is given out once', () => {
    const { crypto, made } = noting()
    const shares = new PreparedKeyShares(crypto)
    const taken = [shares.take('x25519'), shares.take('x25519')]
    expect(made.length).toBe(2)
    vi.advanceTimersByTime(0)
    expect(made.length).toBe(3)
    taken.push(shares.take('x25519'))
    expect(taken[2]).toBe(made[2])
    taken.push(shares.take('x25519'), shares.take('x25519'))
    expect(new Set(taken.map(({ publicShare }) => publicShare.join())).size).toBe(5)
  })

  it('are of the group that was asked for', () => {
    const { crypto } = noting()
    const shares = new PreparedKeyShares(crypto)
    for (const group of ['x25519', 'x25519', 'secp256r1', 'x25519', 'secp256r1'] as const) {
      vi.advanceTimersByTime(0)
      expect(shares.take(group).group).toBe(group)
    }
  })

  it('are wiped when nobody has come for them', () => {
    const { crypto, made, wiped } = noting()
    const shares = new PreparedKeyShares(crypto)
    shares.take('x25519')
    shares.take('x25519')
    vi.advanceTimersByTime(0)
    const unused = made[2] as KeyShare
    vi.advanceTimersByTime(29_000)
    expect(wiped.has(unused)).toBe(false)
    vi.advanceTimersByTime(2_000)
    expect([...wiped]).toEqual([unused])
    expect(shares.take('x25519')).not.toBe(unused)
  })

  it('leave a failure to the connection that needs them', () => {
    const { crypto } = noting()
    let broken = false
    const shares = new PreparedKeyShares({
      ...crypto,
      generateKeyShare(group) {
        if (broken) throw new Error('no randomness')
        return crypto.generateKeyShare(group)
      },
    })
    shares.take('x25519')
    shares.take('x25519')
    broken = true
    vi.advanceTimersByTime(0)
    expect(() => shares.take('x25519')).toThrow('no randomness')
    broken = false
    expect(shares.take('x25519').group).toBe('x25519')
  })

  it('are left to the provider of the caller, who may count on when it is asked', () => {
    const { crypto, made } = noting()
    const make = keyShareMaker(crypto)
    for (let connection = 1; connection <= 4; connection++) {
      make('x25519')
      vi.advanceTimersByTime(1000)
      expect(made.length).toBe(connection)
    }
  })
})
