/**
 * A man in the middle who owns both channels: he detects Alice's pulses in Bob's place, sends Bob pulses of his own, and
 * talks to each as if he were the other.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toHex } from '../../../src/bytes.js'
import { defaultProvider } from '../../../src/crypto/index.js'
import {
  type Authenticator,
  NO_AUTHENTICATION,
  type SigningIdentity,
  signatures,
  wegmanCarter,
} from '../../../src/qkd/bb84/authentication.js'
import { AuthenticationKeys } from '../../../src/qkd/bb84/authenticationKeys.js'
import { converse, type Endpoint, type Relay } from '../../../src/qkd/bb84/endpoint.js'
import { kindOf, MESSAGE_KINDS, type MessageKind } from '../../../src/qkd/bb84/messages.js'
import { UNAUTHENTICATED } from '../../../src/qkd/bb84/siteAuthentication.js'
import type { Role } from '../../../src/qkd/bb84/transcript.js'
import { end, PSK, quickEngine, send } from './support.js'

type Authenticators = Record<Role, Authenticator>

interface Attack {
  readonly alice: Endpoint
  readonly bob: Endpoint
  /** Mallory as Alice meets him, and as Bob does. */
  readonly towardsAlice: Endpoint
  readonly towardsBob: Endpoint
}

function position(honest: Authenticators, mallory: Authenticators): Attack {
  const [fromAlice, toBob] = [send('from Alice'), send('to Bob')]
  return {
    alice: end('alice', fromAlice, honest.alice),
    towardsAlice: end('bob', fromAlice, mallory.bob),
    towardsBob: end('alice', toBob, mallory.alice),
    bob: end('bob', toBob, honest.bob),
  }
}

/** Mallory makes his own proofs. */
function impersonate(honest: Authenticators, mallory: Authenticators): Attack {
  const attack = position(honest, mallory)
  converse(attack.alice, attack.towardsAlice)
  converse(attack.towardsBob, attack.bob)
  return attack
}

/** Mallory passes on the proofs that the two make for each other. */
function passOnProofs(honest: Authenticators): Attack {
  const attack = position(honest, { alice: NO_AUTHENTICATION, bob: NO_AUTHENTICATION })
  converse(attack.towardsBob, attack.bob, (from, message) => {
    if (from !== 'bob' || kindOf(message) !== 'tag') return message
    const bobsProof = message
    converse(attack.alice, attack.towardsAlice, (speaker, said) => {
      if (speaker === 'bob') return kindOf(said) === 'tag' ? bobsProof : said
      if (kindOf(said) === 'tag' || kindOf(said) === 'abort') attack.bob.receive(said)
      return said
    })
    return null
  })
  return attack
}

const keys = (octets: Uint8Array): AuthenticationKeys => {
  const made = new AuthenticationKeys()
  made.add(octets)
  return made
}
const none = (): Authenticators => ({ alice: NO_AUTHENTICATION, bob: NO_AUTHENTICATION })
const withPsk = (psk = PSK): Authenticators => ({
  alice: wegmanCarter('alice', keys(psk)),
  bob: wegmanCarter('bob', keys(psk)),
})

function withSignatures(): Authenticators {
  const provider = defaultProvider()
  const [a, b] = [0, 1].map(() => {
    const privateKey = provider.generateSigningKey('mldsa44') as SigningIdentity['privateKey']
    return { privateKey, publicKey: provider.signingKey(privateKey).publicKey }
  }) as [
    { privateKey: SigningIdentity['privateKey']; publicKey: Uint8Array },
    { privateKey: SigningIdentity['privateKey']; publicKey: Uint8Array },
  ]
  return {
    alice: signatures('alice', { privateKey: a.privateKey, peerPublicKey: b.publicKey }, provider),
    bob: signatures('bob', { privateKey: b.privateKey, peerPublicKey: a.publicKey }, provider),
  }
}

function keyOf({ outcome }: Endpoint): string {
  return outcome?.accepted === true ? toHex(outcome.key) : 'no key'
}

function reasonOf({ outcome }: Endpoint): string {
  return outcome?.accepted === false ? outcome.reason.kind : 'accepted'
}

describe('a man in the middle', () => {
  it('shares a key with either side of a classical channel without authentication, and neither notices', () => {
    const { alice, towardsAlice, towardsBob, bob } = impersonate(none(), none())
    expect(keyOf(alice)).toMatch(/^([0-9a-f]{2})+$/)
    expect(keyOf(bob)).toMatch(/^([0-9a-f]{2})+$/)
    expect(keyOf(towardsAlice)).toBe(keyOf(alice))
    expect(keyOf(towardsBob)).toBe(keyOf(bob))
    expect(keyOf(alice)).not.toBe(keyOf(bob))
  })

  it('is found out by both when tags are asked for and he has none, or makes them up', () => {
    for (const mallory of [none(), withPsk(PSK.map((octet) => octet ^ 0x5a))]) {
      const { alice, bob } = impersonate(withPsk(), mallory)
      expect(['authentication-failed', 'bad-message']).toContain(reasonOf(alice))
      expect(reasonOf(bob)).not.toBe('accepted')
    }
  })

  it('is found out when he passes on the true tags, since they speak of other transcripts', () => {
    const { alice, bob } = passOnProofs(withPsk())
    expect(reasonOf(alice)).toBe('authentication-failed')
    expect(reasonOf(bob)).toBe('peer-aborted')
  })

  it('is found out by signatures under pinned keys, whether he passes them on or signs himself', () => {
    expect(reasonOf(passOnProofs(withSignatures()).alice)).toBe('authentication-failed')
    const { alice, bob } = impersonate(withSignatures(), withSignatures())
    expect(reasonOf(alice)).toBe('authentication-failed')
    expect(reasonOf(bob)).not.toBe('accepted')
  })

  it('is why honest ends agree under each kind of authentication', () => {
    for (const authenticators of [none(), withPsk(), withSignatures()]) {
      const sent = send('honest')
      const [alice, bob] = [end('alice', sent, authenticators.alice), end('bob', sent, authenticators.bob)]
      converse(alice, bob)
      expect(keyOf(alice)).toMatch(/^([0-9a-f]{2})+$/)
      expect(keyOf(bob)).toBe(keyOf(alice))
    }
  })
})

describe('the authenticated channel', () => {
  /** Changes the first message of a kind. */
  function change(kind: MessageKind, how: (message: Uint8Array) => Uint8Array | null): Relay {
    let isDone = false
    return (_, message) => {
      if (isDone || kindOf(message) !== kind) return message
      isDone = true
      return how(message)
    }
  }
  const flip = (place: number, bit: number) => (message: Uint8Array) => {
    const changed = Uint8Array.from(message)
    const at = Math.floor(place * message.length)
    changed[at] = (changed[at] as number) ^ (1 << bit)
    return changed
  }
  const kinds = MESSAGE_KINDS.filter((kind) => kind !== 'abort')

  it.each(kinds)('gives no key when a bit of %s is flipped, wherever', (kind) => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.999999, noNaN: true }), fc.nat(7), (place, bit) => {
        const { report, keyA, keyB } = quickEngine().runBlock({ relay: change(kind, flip(place, bit)) })
        expect(report.reason).not.toBeNull()
        expect([keyA.length, keyB.length]).toEqual([0, 0])
      }),
      { numRuns: 3 },
    )
  })

  it.each(kinds)('gives no key when %s gets lost, or becomes something else', (kind) => {
    const outcome = (how: (message: Uint8Array) => Uint8Array | null) =>
      quickEngine().runBlock({ relay: change(kind, how) }).report.reason?.kind
    expect(outcome(() => null)).toBe('no-answer')
    expect(outcome(() => new Uint8Array(0))).toBe('bad-message')
    expect(outcome((message) => message.subarray(0, message.length - 1))).toBe('bad-message')
    expect(outcome((message) => Uint8Array.of(...message, 0))).not.toBeUndefined()
  })

  it('finds changes that everything else would pass', () => {
    // Bob detected pulse n; Alice hears n + 1. One more error among thousands, which reconciliation repairs.
    const shifted = change('detections', (message) => {
      const changed = Uint8Array.from(message)
      const at = changed.length - 5000
      changed[at] = (changed[at] as number) ^ 1
      return changed
    })
    const open = quickEngine({ authentication: UNAUTHENTICATED }).runBlock({ relay: shifted })
    expect(open.report.reason).toBeNull()
    const again = change('detections', (message) => {
      const changed = Uint8Array.from(message)
      const at = changed.length - 5000
      changed[at] = (changed[at] as number) ^ 1
      return changed
    })
    const closed = quickEngine().runBlock({ relay: again })
    expect(closed.report.reason).toEqual({ kind: 'authentication-failed' })
  })

  it('goes on with the next block after an attack, and stops when attacks have used up its keys', () => {
    const engine = quickEngine({ authentication: { psk: PSK.subarray(0, 144) } })
    const attack = () => engine.runBlock({ relay: change('tag', flip(0.9, 0)) }).report
    expect(attack().reason?.kind).toBe('authentication-failed')
    expect(engine.runBlock().report.reason).toBeNull()

    const drained = quickEngine({ authentication: { psk: PSK.subarray(0, 96) } })
    for (const expected of ['authentication-failed', 'authentication-failed', 'authentication-keys-exhausted']) {
      const { report } = drained.runBlock({ relay: change('tag', flip(0.9, 0)) })
      expect(report.reason?.kind).toBe(expected)
    }
    expect(drained.isExhausted).toBe(true)
    // Not even without an attack: it never goes on unauthenticated.
    expect(drained.runBlock().report.reason?.kind).toBe('authentication-keys-exhausted')
  })
})
