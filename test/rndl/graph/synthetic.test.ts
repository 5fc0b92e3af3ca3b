/** Steps made one by one, for what no session of today does. */
import { describe, expect, it } from 'vitest'
import { concat, EMPTY, toHex, utf8 } from '../../../src/bytes.js'
import { nodeProvider } from '../../../src/crypto/index.js'
import type { CryptoProvider } from '../../../src/crypto/provider.js'
import { minimalLeaks, nonceReuse, sharedKeys, thingKey, unexplained } from '../../../src/rndl/graph/index.js'
import type { LeakName, RecordedRun } from '../../../src/rndl/model.js'
import { instrument } from '../../../src/rndl/trace/instrument.js'
import { seededRandom } from '../../../src/rndl/trace/seededRandom.js'
import type { TraceStep } from '../../../src/rndl/trace/trace.js'

const secret = (label: string, length = 32) => seededRandom(new Uint8Array(16), label)(length)

interface Made {
  readonly tape?: readonly Uint8Array[]
  readonly thing: Uint8Array
}

function runOf(leaks: Partial<Record<LeakName, Uint8Array>>, make: (crypto: CryptoProvider) => Made): RecordedRun {
  const trace: TraceStep[] = []
  const { tape = [], thing } = make(
    instrument(nodeProvider, {
      random: seededRandom(new Uint8Array(16), 'random'),
      record: (step) => trace.push(step),
    }),
  )
  return {
    scenario: 'synthetic',
    tape: tape.map((octets, i) => ({ name: `tape ${i}`, segments: [{ from: 'client', milliseconds: 0, octets }] })),
    trace,
    leaks: Object.entries(leaks).map(([leak, octets]) => ({
      leak: leak as LeakName,
      values: {},
      octets: [toHex(octets)],
    })),
    things: [{ name: 'request', connection: 'tape 0', octets: toHex(thing) }],
  }
}

const setsOf = (...made: Parameters<typeof runOf>) => {
  const run = runOf(...made)
  return minimalLeaks(run).get(thingKey(run.things[0] as RecordedRun['things'][number]))
}

const mac = (crypto: CryptoProvider, key: Uint8Array, data: Uint8Array) => crypto.hmacKey('SHA-256', key).mac(data)

/** A record of RFC 9846 5.2. */
function record(crypto: CryptoProvider, key: Uint8Array, content: Uint8Array, nonce = new Uint8Array(12)): Uint8Array {
  const length = content.length + 17
  const header = Uint8Array.of(23, 3, 3, length >> 8, length & 255)
  const out = new Uint8Array(length)
  crypto.aead('AES-256-GCM', key).seal(nonce, header, content, Uint8Array.of(23), out)
  return concat(header, out)
}

const [a, b] = [secret('a'), secret('b')]
const phrase = utf8('what must stay closed, whatever')

describe('what a value needs', () => {
  it('is key and data of an HMAC, and all pieces of its data', () => {
    expect(setsOf({ curve: a, qkdKeys: b }, (crypto) => ({ thing: mac(crypto, a, b) }))).toEqual([['curve', 'qkdKeys']])
    const joined = (crypto: CryptoProvider) => ({ thing: mac(crypto, EMPTY, concat(a, Uint8Array.of(1, 2), b)) })
    expect(setsOf({ curve: a, qkdKeys: b }, joined)).toEqual([['curve', 'qkdKeys']])
  })

  it('is the whole of a key, and not most of it', () => {
    const cut = a.slice(0, 24)
    expect(setsOf({ curve: cut }, (crypto) => ({ thing: mac(crypto, a, EMPTY) }))).toEqual([])
    expect(setsOf({ curve: a }, (crypto) => ({ thing: mac(crypto, cut, EMPTY) }))).toEqual([['curve']])
  })

  it('is a component by either private half', () => {
    const sets = setsOf({ decapsulationKey: a, memory: b }, (crypto) => {
      const share = crypto.generateKeyShare('x25519', a)
      const { serverShare } = crypto.respondToKeyShare('x25519', share.publicShare, b)
      return { thing: share.agree(serverShare) }
    })
    expect(sets).toEqual([['decapsulationKey'], ['memory']])
  })

  it('is what a sealed content needs: the key, and the sealed octets', () => {
    const sealed = (crypto: CryptoProvider) => {
      const out = new Uint8Array(phrase.length + 16)
      crypto.aead('AES-256-GCM', a).seal(new Uint8Array(12), EMPTY, phrase, EMPTY, out)
      return out
    }
    const leaks = { ticketKeys: a, memory: b }
    expect(setsOf(leaks, (crypto) => ({ thing: phrase, tape: [sealed(crypto)] }))).toEqual([['ticketKeys']])
    expect(setsOf(leaks, (crypto) => ({ thing: phrase, tape: [record(crypto, b, sealed(crypto))] }))).toEqual([
      ['ticketKeys', 'memory'],
    ])
    const unseen = (crypto: CryptoProvider) => {
      sealed(crypto)
      return { thing: phrase }
    }
    expect(setsOf(leaks, unseen)).toEqual([])
  })

  it('is the link that a key was delivered on, where JSON holds it in base64', () => {
    const sets = setsOf({ deliveryLink: a }, (crypto) => {
      const json = JSON.stringify({ keys: [{ key_ID: 'one', key: Buffer.from(b).toString('base64') }] })
      return { thing: mac(crypto, EMPTY, b), tape: [record(crypto, a, utf8(json))] }
    })
    expect(sets).toEqual([['deliveryLink']])
  })

  it('is nothing for what was derived from public octets, and no leak is more than enough', () => {
    const tape = [secret('public', 100)]
    const derived = (crypto: CryptoProvider) =>
      mac(crypto, new Uint8Array(32), crypto.hash('SHA-384', tape[0] ?? EMPTY))
    expect(setsOf({ curve: a }, (crypto) => ({ tape, thing: derived(crypto) }))).toEqual([[]])
  })

  it('is not found by going round in circles', () => {
    const sets = setsOf({ curve: a }, (crypto) => {
      const [first, second] = [secret('first'), secret('second')]
      return { tape: [record(crypto, first, second), record(crypto, second, first)], thing: first }
    })
    expect(sets).toEqual([])
  })
})

describe('findings without a derivation', () => {
  const two = (key: Uint8Array, nonces: readonly number[]) =>
    runOf({}, (crypto) => ({
      thing: phrase,
      tape: nonces.map((nonce, i) =>
        record(crypto, key, concat(phrase, Uint8Array.of(i)), new Uint8Array(12).fill(nonce)),
      ),
    }))

  it('are two contents under one key and nonce, and one key in two connections', () => {
    const run = two(a, [1, 1])
    expect(nonceReuse(run.trace).map(({ key, sealed }) => [key, sealed.length])).toEqual([[toHex(a), 2]])
    expect(sharedKeys(run)).toEqual([
      { key: toHex(a), uses: [0, 1].map((i) => ({ connection: `tape ${i}`, from: 'client' })) },
    ])
    expect(nonceReuse(two(a, [1, 2]).trace)).toEqual([])
  })

  it('are octets of unknown origin in an HMAC, but not what an endpoint drew', () => {
    const [foreign, half] = [secret('foreign'), secret('half', 20)]
    const run = runOf({ curve: a }, (crypto) => {
      mac(crypto, foreign, a)
      mac(crypto, crypto.randomBytes(32), concat(a, half))
      return { thing: phrase }
    })
    expect(unexplained(run)).toEqual([
      { as: 'key', octets: toHex(foreign) },
      { as: 'data', octets: toHex(half) },
    ])
  })
})
