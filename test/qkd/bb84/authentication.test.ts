import { ghash } from '@noble/ciphers/_polyval.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../../src/bytes.js'
import { defaultProvider } from '../../../src/crypto/index.js'
import {
  type Authenticator,
  NO_AUTHENTICATION,
  type SigningIdentity,
  signatures,
  wegmanCarter,
  wegmanCarterTag,
} from '../../../src/qkd/bb84/authentication.js'
import { AUTHENTICATION_KEY_LENGTH, AuthenticationKeys } from '../../../src/qkd/bb84/authenticationKeys.js'
import { SiteAuthentication, UNAUTHENTICATED } from '../../../src/qkd/bb84/siteAuthentication.js'
import { PSK } from './support.js'

const transcript = Uint8Array.from({ length: 100 }, (_, i) => i)
const failed = expect.objectContaining({ reason: { kind: 'authentication-failed' } })

function keysOf(octets: Uint8Array): AuthenticationKeys {
  const keys = new AuthenticationKeys()
  keys.add(octets)
  return keys
}

/** Bob proves and Alice answers, as at the end of a block. */
function exchange(alice: Authenticator, bob: Authenticator, [toAlice, toBob] = [transcript, transcript]): void {
  alice.verify(toAlice, bob.prove(toBob))
  bob.verify(toBob, alice.prove(toAlice))
}

describe('Wegman-Carter tags', () => {
  it('are GHASH of NIST SP 800-38D, with the length of the transcript in the last block, under a pad', () => {
    // Test case 2 of the GCM specification (McGrew and Viega): H, one block of ciphertext, and the block of lengths.
    const h = fromHex('66e94bd4ef8a2c3b884cfa59ca342b2e')
    const ciphertext = fromHex('0388dace60b6a392f328c2b971b2fe78')
    const key = new Uint8Array(AUTHENTICATION_KEY_LENGTH)
    key.set(h)
    key.fill(0xff, 32)
    // Our length counts bytes (16 = 10 hex), GCM's bits (128 = 80 hex): the difference is one more multiplication by H.
    const gcm = ghash.create(h).update(ciphertext).update(fromHex('00000000000000000000000000000080')).digest()
    expect(toHex(gcm)).toBe('f38cbb1ad69223dcc3457ae5b6b0f885')
    const shift = ghash.create(h).update(fromHex('00000000000000000000000000000090')).digest()
    const expected = gcm.map((octet, i) => octet ^ (shift[i] as number))
    expect(wegmanCarterTag('bob', key, ciphertext)).toEqual(expected)
    expect(wegmanCarterTag('alice', key, ciphertext)).toEqual(expected.map((octet) => octet ^ 0xff))
  })

  it('tell apart transcripts that differ by a bit, or by zeros at the end', () => {
    const key = PSK.subarray(0, AUTHENTICATION_KEY_LENGTH)
    const tag = toHex(wegmanCarterTag('bob', key, transcript))
    fc.assert(
      fc.property(fc.nat(99), fc.nat(7), (octet, bit) => {
        const changed = Uint8Array.from(transcript)
        changed[octet] = (changed[octet] as number) ^ (1 << bit)
        expect(toHex(wegmanCarterTag('bob', key, changed))).not.toBe(tag)
      }),
    )
    expect(toHex(wegmanCarterTag('bob', key, Uint8Array.of(...transcript, 0)))).not.toBe(tag)
  })

  it('use each key for one block: hash key and pads are new every time', () => {
    const [a, b] = [keysOf(PSK), keysOf(PSK)]
    const proofs = new Set<string>()
    for (let block = 0; block < 10; block++) {
      const [alice, bob] = [wegmanCarter('alice', a), wegmanCarter('bob', b)]
      const proof = bob.prove(transcript)
      proofs.add(toHex(proof.subarray(4)))
      alice.verify(transcript, proof)
      const answer = alice.prove(transcript)
      proofs.add(toHex(answer.subarray(4)))
      bob.verify(transcript, answer)
      expect([a.spentBits, b.spentBits]).toEqual([384 * (block + 1), 384 * (block + 1)])
    }
    expect(proofs.size).toBe(20)
    expect([a.remaining, b.remaining]).toEqual([0, 0])
    expect(() => wegmanCarter('bob', b).prove(transcript)).toThrowError(
      expect.objectContaining({ reason: { kind: 'authentication-keys-exhausted' } }),
    )
  })

  it('are refused when another transcript, another key, a used key or the own tag is shown', () => {
    const both = () => [wegmanCarter('alice', keysOf(PSK)), wegmanCarter('bob', keysOf(PSK))] as const
    const other = Uint8Array.from(transcript).fill(0, 0, 1)
    other[50] = 0
    {
      const [alice, bob] = both()
      expect(() => exchange(alice, bob, [transcript, other])).toThrowError(failed)
    }
    {
      const [alice] = both()
      const stranger = wegmanCarter('bob', keysOf(PSK.map((octet) => octet ^ 1)))
      expect(() => exchange(alice, stranger)).toThrowError(failed)
    }
    {
      const [alice, bob] = both()
      const own = bob.prove(transcript)
      expect(() => bob.verify(transcript, own)).toThrowError(failed)
      alice.verify(transcript, own)
      expect(() => alice.verify(transcript, own)).toThrowError(failed)
    }
    {
      const [alice, bob] = both()
      const proof = bob.prove(transcript)
      proof[0] = 0xff
      expect(() => alice.verify(transcript, proof)).toThrowError(failed)
      expect(() => alice.verify(transcript, proof.subarray(0, 19))).toThrowError(
        expect.objectContaining({ reason: { kind: 'bad-message' } }),
      )
    }
  })

  it('find together again after a block for which one end alone spent a key', () => {
    const [a, b] = [keysOf(PSK), keysOf(PSK)]
    wegmanCarter('bob', b).prove(transcript)
    exchange(wegmanCarter('alice', a), wegmanCarter('bob', b))
    expect(a.remainingBits).toBe(b.remainingBits)
  })
})

describe('signatures', () => {
  const provider = defaultProvider()
  const own = (algorithm: 'mldsa44' | 'mldsa65') => {
    const privateKey = provider.generateSigningKey(algorithm) as SigningIdentity['privateKey']
    return { privateKey, publicKey: provider.signingKey(privateKey).publicKey }
  }
  const [a, b] = [own('mldsa44'), own('mldsa44')]
  const siteA = { privateKey: a.privateKey, peerPublicKey: b.publicKey }
  const siteB = { privateKey: b.privateKey, peerPublicKey: a.publicKey }

  it('bind transcript and role under the pinned keys', () => {
    const [alice, bob] = [signatures('alice', siteA, provider), signatures('bob', siteB, provider)]
    exchange(alice, bob)
    expect(() => exchange(alice, bob, [transcript, transcript.subarray(1)])).toThrowError(failed)
    // One's own words, thrown back.
    expect(() => alice.verify(transcript, alice.prove(transcript))).toThrowError(failed)
    const stranger = signatures('bob', { ...siteB, privateKey: own('mldsa44').privateKey }, provider)
    expect(() => alice.verify(transcript, stranger.prove(transcript))).toThrowError(failed)
    expect(() => alice.verify(transcript, new Uint8Array(0))).toThrowError(failed)
  })

  it('are not accepted any more once the link has keys of its own', () => {
    const site = new SiteAuthentication('alice', { signatures: { siteA, siteB } })
    const before = site.next() as Authenticator
    before.verify(transcript, signatures('bob', siteB, provider).prove(transcript))
    expect(site.settle(new Uint8Array(1000).fill(1))).toHaveLength(1000 - 768)
    const after = site.next() as Authenticator
    expect(() => after.verify(transcript, signatures('bob', siteB, provider).prove(transcript))).toThrow()
  })
})

describe('what a site authenticates with', () => {
  it('is topped up from the key of each block, which it shortens by as much', () => {
    const site = new SiteAuthentication('bob', { psk: PSK })
    expect(site.reserveBits).toBe(3840)
    const key = Uint8Array.from({ length: 1000 }, (_, i) => i & 0xff)
    const expected = key.slice(288)
    expect(site.settle(key)).toEqual(expected)
    expect(site.reserveBits).toBe(6144)
    expect(key).toEqual(new Uint8Array(1000))
  })

  it('is nothing when asked so in as many words', () => {
    const site = new SiteAuthentication('bob', UNAUTHENTICATED)
    expect(site.next()).toBe(NO_AUTHENTICATION)
    expect(site.settle(new Uint8Array(1000))).toHaveLength(1000)
    expect(() => NO_AUTHENTICATION.verify(transcript, Uint8Array.of(1))).toThrowError(failed)
  })

  it('must be enough for one block', () => {
    expect(() => new SiteAuthentication('bob', { psk: new Uint8Array(47) })).toThrowError(
      expect.objectContaining({ code: 'ERR_INVALID_OPTION' }),
    )
  })
})
