import { createHash, createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { NAMED_GROUPS, type NamedGroupName, nodeProvider } from '../../../src/crypto/index.js'
import type { CryptoProvider } from '../../../src/crypto/provider.js'
import { instrument } from '../../../src/rndl/trace/instrument.js'
import { seededRandom } from '../../../src/rndl/trace/seededRandom.js'
import type { TraceStep } from '../../../src/rndl/trace/trace.js'
import { runPair } from '../../support/pair.js'
import { ALL_PROVIDERS } from '../../support/providers.js'

const SEED = new Uint8Array(32).fill(3)
const hex = (octets: Uint8Array) => Buffer.from(octets).toString('hex')
const octets = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'))

function traced(inner: CryptoProvider = nodeProvider, label = 'test') {
  const trace: TraceStep[] = []
  const provider = instrument(inner, { random: seededRandom(SEED, label), record: (step) => trace.push(step) })
  return { provider, trace }
}

describe('seeded randomness', () => {
  it('is a function of seed and label, however it is drawn', () => {
    const whole = seededRandom(SEED, 'client')(100)
    const inPieces = seededRandom(SEED, 'client')
    expect(Buffer.concat([inPieces(1), inPieces(0), inPieces(40), inPieces(59)])).toEqual(Buffer.from(whole))
    expect(seededRandom(SEED, 'server')(100)).not.toEqual(whole)
    expect(seededRandom(new Uint8Array(32).fill(4), 'client')(100)).not.toEqual(whole)
  })
})

describe('an instrumented provider', () => {
  it('takes every random octet and every seed from outside', () => {
    const draw = seededRandom(SEED, 'test')
    const { provider, trace } = traced()
    expect(provider.randomBytes(32)).toEqual(draw(32))
    expect(trace).toEqual([{ kind: 'random', output: hex(seededRandom(SEED, 'test')(32)) }])
    const { publicShare } = nodeProvider.generateKeyShare('X25519MLKEM768', draw(96))
    const share = provider.generateKeyShare('X25519MLKEM768')
    expect(share.publicShare).toEqual(publicShare)
    const { serverShare } = nodeProvider.respondToKeyShare('X25519MLKEM768', publicShare, draw(64))
    expect(provider.respondToKeyShare('X25519MLKEM768', publicShare).serverShare).toEqual(serverShare)
  })

  it.each(Object.keys(NAMED_GROUPS) as NamedGroupName[])('records the components of %s from both sides', (group) => {
    for (const inner of ALL_PROVIDERS) {
      const { provider, trace } = traced(inner)
      const share = provider.generateKeyShare(group)
      const response = provider.respondToKeyShare(group, share.publicShare)
      const secret = share.agree(response.serverShare)
      expect(secret).toEqual(response.sharedSecret)
      const expected = hex(secret)
      const [publicShare, serverShare] = [hex(share.publicShare), hex(response.serverShare)]
      // The owner wipes what the trace must keep.
      secret.fill(0)
      response.sharedSecret.fill(0)
      const steps = trace.filter((step) => step.kind === 'exchange')
      const of = (side: string) => steps.filter((step) => step.side === side)
      for (const side of ['client', 'server']) {
        expect(
          of(side)
            .map(({ output }) => output)
            .join(''),
        ).toBe(expected)
        expect(
          of(side)
            .map(({ component }) => component)
            .sort(),
        ).toEqual(NAMED_GROUPS[group].mlkem === null ? ['curve'] : ['curve', 'mlkem'])
      }
      expect(
        of('client')
          .map((step) => step.publicShare)
          .join(''),
      ).toBe(publicShare)
      expect(
        of('server')
          .map((step) => step.publicShare)
          .join(''),
      ).toBe(serverShare)
      const seeds = of('client')
        .map((step) => step.privateOctets)
        .join('')
      expect(hex(nodeProvider.generateKeyShare(group, octets(seeds)).publicShare)).toBe(publicShare)
    }
  })

  it('records a running hash with all that was fed, and goes on', () => {
    const { provider, trace } = traced()
    const running = provider.createHash('SHA-256')
    const data = Uint8Array.of(1, 2)
    running.update(data)
    data.fill(0)
    running.digest()
    running.update(Uint8Array.of(3))
    expect(running.digest()).toEqual(provider.hash('SHA-256', Uint8Array.of(1, 2, 3)))
    expect(trace.map((step) => (step.kind === 'hash' ? step.data : step.kind))).toEqual(['0102', '010203', '010203'])
  })

  it('records a seal, and the same step for the record that was opened, but no record that did not open', () => {
    const { provider, trace } = traced()
    const key = new Uint8Array(32).fill(1)
    const nonce = new Uint8Array(12).fill(2)
    const aead = provider.aead('AES-256-GCM', key)
    key.fill(0)
    const out = new Uint8Array(20)
    aead.seal(nonce, Uint8Array.of(9), Uint8Array.of(1, 2, 3), Uint8Array.of(23), out)
    expect(aead.open(nonce, Uint8Array.of(9), out)).toEqual(Uint8Array.of(1, 2, 3, 23))
    expect(aead.open(nonce, Uint8Array.of(8), out)).toBeNull()
    expect(trace).toEqual([trace[0], trace[0]])
    expect(trace[0]).toEqual({
      kind: 'seal',
      algorithm: 'AES-256-GCM',
      key: '01'.repeat(32),
      nonce: '02'.repeat(12),
      additionalData: '09',
      content: '01020317',
      sealed: hex(out),
    })
  })

  it('does not change a handshake, and every hash and MAC of its trace is right', async () => {
    const client = traced(nodeProvider, 'client')
    const server = traced(nodeProvider, 'server')
    const pair = await runPair({ clientCrypto: client.provider, serverCrypto: server.provider })
    expect([pair.client.error, pair.server.error]).toEqual([null, null])
    expect(pair.client.summary).not.toBeNull()
    for (const step of [...client.trace, ...server.trace]) {
      if (step.kind === 'hash') {
        const name = step.hash.replace('-', '').toLowerCase()
        expect(createHash(name).update(step.data, 'hex').digest('hex')).toBe(step.output)
      } else if (step.kind === 'mac') {
        const name = step.hash.replace('-', '').toLowerCase()
        const mac = createHmac(name, Buffer.from(step.key, 'hex')).update(step.data, 'hex').digest('hex')
        expect(mac).toBe(step.output)
      }
    }
    const sealed = (trace: TraceStep[]) => trace.filter((step) => step.kind === 'seal').map((step) => step.sealed)
    // The server's flight, the client's Finished: sealed by one end, opened by the other.
    expect(new Set(sealed(client.trace)).size).toBeGreaterThan(1)
    expect(new Set(sealed(client.trace))).toEqual(new Set(sealed(server.trace)))
  })
})
