import { describe, expect, it } from 'vitest'
import { concat, utf8 } from '../../../src/bytes.js'
import { nodeProvider } from '../../../src/crypto/index.js'
import type { CryptoProvider } from '../../../src/crypto/provider.js'
import { minimalLeaks, nonceReuse, sharedKeys, thingKey, unexplained } from '../../../src/rndl/graph/index.js'
import type { RecordedRun } from '../../../src/rndl/model.js'
import { knowing, offering, PSK } from '../../support/attack.js'
import { refusal } from '../../support/refusal.js'
import { type PairSetup, recordPair } from './recordPair.js'

/** The sets that open request and response, which are the same in every honest run. */
async function setsOf(setup: PairSetup = {}): Promise<readonly (readonly string[])[]> {
  const run = await recordPair(setup)
  const sets = minimalLeaks(run)
  expect(sets.get('response session')).toEqual(sets.get('request session'))
  return sets.get('request session') ?? []
}

const HYBRID = [
  ['curve', 'decapsulationKey'],
  ['curve', 'encapsulatedSecret'],
]
const psk = nodeProvider.randomBytes(32)
const offered = { ...PSK, psk }
const withPsk: PairSetup = {
  options: { clientHandlers: offering([offered]), serverHandlers: knowing([offered]) },
  leaks: { authPsk: [psk] },
}

describe('the minimal sets of leaks of an honest run', () => {
  it('have the curve and one side of ML-KEM in a hybrid handshake', async () => {
    expect(await setsOf()).toEqual(HYBRID)
    expect(await setsOf({ options: { client: { groups: ['SecP384r1MLKEM1024'] } } })).toEqual(HYBRID)
  })

  it('have the curve alone in a classical handshake', async () => {
    expect(await setsOf({ options: { client: { groups: ['x25519'] }, server: { groups: ['x25519'] } } })).toEqual([
      ['curve'],
    ])
  })

  it('have the PSK as well where there is one', async () => {
    expect(await setsOf(withPsk)).toEqual(HYBRID.map((set) => [...set, 'authPsk']))
  })

  it('are the same after HelloRetryRequest, where the transcript begins with a hash', async () => {
    const options = {
      client: { groups: ['X25519MLKEM768', 'SecP256r1MLKEM768'] },
      server: { groups: ['SecP256r1MLKEM768'] },
    } as const
    expect(await setsOf({ options })).toEqual(HYBRID)
  })

  it('are the same when messages are cut into records of 64 octets', async () => {
    const options = { client: { recordSizeLimit: 64 }, server: { recordSizeLimit: 64 } }
    expect(await setsOf({ options })).toEqual(HYBRID)
    expect(unexplained(await recordPair({ options }))).toEqual([])
  })

  it('do not have leaks that nothing is derived from', async () => {
    expect(await setsOf({ leaks: { signingKeys: [nodeProvider.randomBytes(32)] } })).toEqual(HYBRID)
  })

  it('leave nothing unexplained, no nonce used twice and no key shared', async () => {
    for (const setup of [{}, withPsk]) {
      const run = await recordPair(setup)
      expect([unexplained(run), nonceReuse(run.trace), sharedKeys(run)]).toEqual([[], [], []])
    }
  })
})

describe('an endpoint that is broken on purpose', () => {
  it('shows no curve in the sets when it ignores the curve', async () => {
    const wrap = changeSecret(({ mlkem }) => concat(mlkem, new Uint8Array(32)))
    expect(await setsOf({ wrap })).toEqual([['decapsulationKey'], ['encapsulatedSecret']])
  })

  it('shows no ML-KEM when a hash of the ciphertext stands for its secret', async () => {
    const wrap = changeSecret(({ curve, ciphertext, crypto }) => concat(crypto.hash('SHA-256', ciphertext), curve))
    expect(await setsOf({ wrap })).toEqual([['curve']])
  })

  it('is followed through XOR', async () => {
    const xor = (a: Uint8Array, b: Uint8Array) => a.map((octet, i) => octet ^ (b[i] as number))
    const both = changeSecret(({ curve, mlkem }) => xor(curve, mlkem))
    expect(await setsOf({ wrap: both })).toEqual(HYBRID)
    const repeated = changeSecret(({ curve, mlkem }) => xor(xor(curve, mlkem), mlkem))
    expect(await setsOf({ wrap: repeated })).toEqual([['curve']])
  })

  it('is open to everybody when nothing secret enters its keys', async () => {
    expect(await setsOf({ wrap: changeSecret(() => new Uint8Array(64)) })).toEqual([[]])
    expect(await setsOf({ wrap: changeSecret(({ ciphertext }) => ciphertext.slice(0, 64)) })).toEqual([[]])
  })

  it('is closed for all that is known, and says why, when its keys come from elsewhere', async () => {
    const foreign = nodeProvider.randomBytes(32)
    const run = await recordPair({ wrap: changeSecret(({ curve }) => concat(foreign, curve)) })
    expect(minimalLeaks(run).get('request session')).toEqual([])
    expect(unexplained(run)).toEqual([{ as: 'data', octets: Buffer.from(foreign).toString('hex') }])
  })

  it('shows what it hashes of unknown origin', async () => {
    const foreign = nodeProvider.randomBytes(20)
    const wrap = changeSecret(({ curve, crypto }) => concat(crypto.hash('SHA-256', foreign), curve))
    expect(unexplained(await recordPair({ wrap }))).toEqual([
      { as: 'hashed', octets: Buffer.from(foreign).toString('hex') },
    ])
  })

  it('is seen to use one key and one nonce for both directions', async () => {
    const run = await recordPair({ wrap: oneDirection })
    const reused = nonceReuse(run.trace)
    expect(reused.length).toBeGreaterThan(0)
    expect(reused.every(({ sealed }) => sealed.length === 2)).toBe(true)
    expect(sharedKeys(run).map(({ uses }) => uses.map(({ from }) => from).sort())).toEqual([['client', 'server']])
  })
})

describe('a protected thing', () => {
  const changed = async (change: (run: RecordedRun) => Partial<RecordedRun>) => {
    const run = await recordPair()
    return minimalLeaks({ ...run, ...change(run) })
  }

  it('that stands nowhere is opened by nothing', async () => {
    const octets = 'ab'.repeat(40)
    const thing = { name: 'ticket', connection: 'session', octets } as const
    expect((await changed(() => ({ things: [thing] }))).get(thingKey(thing))).toEqual([])
  })

  it('that stands on the tape in clear is open', async () => {
    const sets = await changed(({ things, tape }) => {
      const octets = Buffer.from(things[0]?.octets ?? '', 'hex')
      return { tape: [...tape, { name: 'other', segments: [{ from: 'client', milliseconds: 0, octets }] }] }
    })
    expect([sets.get('request session'), sets.get('response session')]).toEqual([[[]], HYBRID])
  })

  it('is not opened by another that differs from it in a few octets', async () => {
    const sets = await changed(({ things, tape }) => {
      const octets = Buffer.from(things[0]?.octets ?? '', 'hex')
      octets[octets.length - 1] = 0
      return { tape: [...tape, { name: 'other', segments: [{ from: 'client', milliseconds: 0, octets }] }] }
    })
    expect(sets.get('request session')).toEqual(HYBRID)
  })

  it('is open to whoever opens any of several of one name', async () => {
    const sets = await changed(({ things: [first] }) => ({
      things: first === undefined ? [] : [first, { ...first, octets: 'ab'.repeat(40) }],
    }))
    expect(sets.get('request session')).toEqual(HYBRID)
  })

  it('of fewer than 16 octets is refused', async () => {
    const run = await recordPair()
    const thing = { name: 'request', connection: 'session', octets: 'ab'.repeat(15) } as const
    expect(refusal(() => minimalLeaks({ ...run, things: [thing] }))).toBe('ERR_INVALID_OPTION')
  })
})

interface Halves {
  readonly mlkem: Uint8Array
  readonly curve: Uint8Array
  readonly ciphertext: Uint8Array
  readonly crypto: CryptoProvider
}

/** Replaces the shared secret of X25519MLKEM768 at both ends. */
function changeSecret(change: (halves: Halves) => Uint8Array): (provider: CryptoProvider) => CryptoProvider {
  const changed = (crypto: CryptoProvider, secret: Uint8Array, serverShare: Uint8Array) =>
    change({ mlkem: secret.slice(0, 32), curve: secret.slice(32), ciphertext: serverShare.slice(0, 1088), crypto })
  return (crypto) => ({
    ...crypto,
    generateKeyShare(group, seed) {
      const share = crypto.generateKeyShare(group, seed)
      return { ...share, agree: (serverShare) => changed(crypto, share.agree(serverShare), serverShare) }
    },
    respondToKeyShare(group, clientShare, seed) {
      const { serverShare, sharedSecret } = crypto.respondToKeyShare(group, clientShare, seed)
      return { serverShare, sharedSecret: changed(crypto, sharedSecret, serverShare) }
    },
  })
}

/** The server's application traffic secret is the client's. */
function oneDirection(crypto: CryptoProvider): CryptoProvider {
  return {
    ...crypto,
    hmacKey(algorithm, key) {
      const inner = crypto.hmacKey(algorithm, key)
      const at = (data: Uint8Array) => Buffer.from(data).indexOf(utf8('tls13 s ap traffic'))
      return {
        wipe: () => inner.wipe(),
        mac(data) {
          const copy = data.slice()
          if (at(data) >= 0) copy.set(utf8('c'), at(data) + 'tls13 '.length)
          return inner.mac(copy)
        },
      }
    },
  }
}
