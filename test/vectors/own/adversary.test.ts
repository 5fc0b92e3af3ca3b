/** The adversary of the harness, who shares no code with the core nor with the vectors, opens what was published. */
import { describe, expect, it } from 'vitest'
import { fromHex, toHex, utf8 } from '../../../src/bytes.js'
import { attack, type Leaks, NO_LEAKS, type TapedConnection } from '../../../src/rndl/adversary/index.js'
import type { Hex, KeyPairInput, PskInput, Trace } from '../../../src/vectors/own/trace.js'
import { traceFiles } from './files.js'

const files = traceFiles().filter(({ name }) => name !== 'refusals.json')

describe('the adversary, given the secrets among the inputs', () => {
  it.each(files)('reads every handshake of $name: data of both ends, and the exporter secret', ({ document }) => {
    for (const trace of document.traces) {
      const [opened] = attack([tapeOf(trace)], leaksOf(trace))
      expect(opened, trace.id).toMatchObject({ closedBecause: null, isComplete: true })
      for (const role of ['client', 'server'] as const) {
        const said = trace.inputs.actions.filter(({ by }) => by === role).map(({ data = '' }) => data)
        expect(opened?.applicationData[role].toString('hex'), trace.id).toBe(said.join(''))
      }
      expect(opened?.exporterSecret?.toString('hex'), trace.id).toBe(trace.values['exporterMasterSecret'])
    }
  })

  it('reads nothing where a single one of them is missing', () => {
    const [trace] = files.find(({ name }) => name === 'psk-qkd.json')?.document.traces ?? []
    if (trace === undefined) throw new Error('there is no psk-qkd trace')
    for (const missing of ['curveKeys', 'decapsulationSeeds', 'qkdKeys', 'authPsks'] as const) {
      const [opened] = attack([tapeOf(trace)], { ...leaksOf(trace), [missing]: new Map() })
      expect(opened?.closedBecause, missing).not.toBeNull()
      expect(opened?.applicationData.client.length, missing).toBe(0)
    }
  })
})

function tapeOf({ id, flow }: Trace): TapedConnection {
  return { name: id, segments: flow.map(({ from, record }) => ({ from, milliseconds: 0, octets: fromHex(record) })) }
}

function leaksOf({ inputs, values }: Trace): Leaks {
  const pairs = values['clientKeyPairs'] as (KeyPairInput & { readonly publicKey: Hex })[]
  const halves = pairs.map((pair) => ({ pair, ...halvesOf(pair) }))
  const { psks } = inputs.client
  return {
    ...NO_LEAKS,
    curveKeys: new Map(halves.map(({ pair, curve }) => [curve, fromHex(curveKeyOf(pair))])),
    decapsulationSeeds: new Map(halves.map(({ pair, mlkem }) => [mlkem, fromHex(pair.mlkemSeed ?? '')])),
    qkdKeys: new Map(psks.flatMap((psk) => qkdKeyOf(psk))),
    authPsks: new Map(psks.flatMap((psk) => authPskOf(psk))),
    resumptionPsks: new Map(
      psks.flatMap(({ type, ...psk }) =>
        type === 'resumption' && 'psk' in psk
          ? [[psk.identity, { psk: fromHex(psk.psk), hash: psk.hash === 'SHA-256' ? 'sha256' : 'sha384' }] as const]
          : [],
      ),
    ),
  }
}

/** RFC 10024: ML-KEM comes first with X25519, and last with the NIST curves, whose points have 65 and 97 octets. */
function halvesOf({ group, publicKey }: { readonly group: string; readonly publicKey: Hex }) {
  if (group === 'X25519MLKEM768') return { mlkem: publicKey.slice(0, -64), curve: publicKey.slice(-64) }
  const point = group === 'SecP256r1MLKEM768' ? 130 : group === 'SecP384r1MLKEM1024' ? 194 : publicKey.length
  return { mlkem: publicKey.slice(point), curve: publicKey.slice(0, point) }
}

const curveKeyOf = (pair: KeyPairInput): Hex =>
  pair.x25519PrivateKey ?? pair.secp256r1PrivateKey ?? pair.secp384r1PrivateKey ?? ''

function qkdKeyOf(psk: PskInput): [string, Uint8Array][] {
  return psk.type === 'imported' && psk.qkdKey !== undefined ? [[psk.keyId ?? '', fromHex(psk.qkdKey)]] : []
}

function authPskOf(psk: PskInput): [Hex, Uint8Array][] {
  if (psk.type === 'external') return [[psk.identity, fromHex(psk.psk)]]
  if (psk.type === 'resumption' || psk.authPsk === undefined) return []
  return [[toHex(utf8(psk.authPskIdentity ?? '')), fromHex(psk.authPsk)]]
}
