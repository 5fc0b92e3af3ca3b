import { describe, expect, it } from 'vitest'
import { makeMaterials, recordRun } from '../../../src/rndl/endpoints/index.js'
import { picture } from '../../../src/rndl/graph/index.js'
import type { GraphPicture } from '../../../src/rndl/report.js'
import { PLAIN_SETUP } from '../../../src/rndl/scenarios/setup.js'
import { recordPair } from './recordPair.js'

const SEED = new Uint8Array(32).fill(0x50)
const setup = { ...PLAIN_SETUP, qkd: 'require', keyUpdate: true, tickets: true, resumes: true } as const
const run = await recordRun({ name: 'drawn', setup }, { materials: makeMaterials(SEED), seed: SEED })
const drawn = picture(run)

/** What leads to a node, by labels. */
function inputsOf({ nodes, derivations }: GraphPicture, label: string): string[][] {
  const labels = new Map(nodes.map((node) => [node.id, node.label]))
  const id = nodes.find((node) => node.label === label)?.id
  return derivations
    .filter(({ output }) => output === id)
    .map(({ inputs }) => inputs.map((input) => labels.get(input) as string).sort())
    .sort()
}

describe('the picture of a graph', () => {
  it('shows the key schedule of RFC 9846 with its names', () => {
    const schedule: Record<string, string[][]> = {
      epskx: [['QKD keys']],
      'imported PSK': [['epskx']],
      'Early Secret': [['imported PSK']],
      'X25519 secret': [['curve private keys']],
      'ML-KEM-768 secret': [['ML-KEM decapsulation key'], ['ML-KEM encapsulated secret']],
      'Handshake Secret': [['Early Secret', 'ML-KEM-768 secret', 'X25519 secret']],
      'Main Secret': [['Handshake Secret']],
      'c ap traffic': [['Main Secret']],
      'c ap traffic 1': [['c ap traffic'], ['endpoint memory']],
      'c ap key 1': [['c ap traffic 1']],
      requestAfterKeyUpdate: [['c ap key 1']],
      serverCertificate: [['s hs key']],
      exporter: [['exporter secret']],
      'ticket: resumption PSK': [['res master'], ['session store'], ['ticket keys']],
      'Early Secret (resumed)': [['ticket: resumption PSK']],
      'resumedRequest (resumed)': [['c ap key (resumed)']],
    }
    for (const [label, inputs] of Object.entries(schedule))
      expect([label, inputsOf(drawn, label)]).toEqual([label, inputs])
  })

  it('shows how an auth PSK and a QKD key become one', async () => {
    const psk = { ...PLAIN_SETUP, certificates: 'none', psk: 'imported', qkd: 'require' } as const
    const combined = picture(
      await recordRun({ name: 'psk', setup: psk }, { materials: makeMaterials(SEED), seed: SEED }),
    )
    expect(inputsOf(combined, 'EPSK')).toEqual([['QKD keys', 'auth PSK']])
    expect(inputsOf(combined, 'epskx')).toEqual([['EPSK']])
  })

  it('names what each step is done with', () => {
    const steps = new Set(drawn.derivations.map(({ by }) => by))
    expect([...steps].sort()).toEqual([
      'AES-256-GCM',
      'HKDF-Expand-Label',
      'HKDF-Extract',
      'ML-KEM-768',
      'X25519',
      'leak',
    ])
  })

  it('leads from lower to higher depths, beginning at the leaks', () => {
    const depths = new Map(drawn.nodes.map(({ id, depth }) => [id, depth]))
    for (const { output, inputs } of drawn.derivations) {
      for (const input of inputs) expect(depths.get(input)).toBeLessThan(depths.get(output) as number)
    }
    for (const { kind, depth } of drawn.nodes) expect(depth === 0).toBe(kind === 'leak')
  })

  it('shows leaks that lead nowhere', () => {
    const { id } = drawn.nodes.find(({ leak }) => leak === 'caKeys') ?? {}
    expect(id).toBeDefined()
    expect(drawn.derivations.some(({ inputs }) => inputs.includes(id as string))).toBe(false)
  })

  it('shows a secret that two leaks give as one node of its own', () => {
    const octets = run.leaks.find(({ leak }) => leak === 'qkdKeys')?.octets ?? []
    const both = picture({ ...run, leaks: [...run.leaks, { leak: 'deliveryLink', values: {}, octets }] })
    expect(inputsOf(both, 'epskx')).toEqual([['QKD key']])
    expect(inputsOf(both, 'QKD key')).toEqual([['QKD keys'], ['key delivery link']])
  })

  it('has one node for each label, and is small enough to be looked at', () => {
    const labels = drawn.nodes.map(({ label }) => label)
    expect(labels.filter((label, i) => labels.indexOf(label) !== i)).toEqual([])
    expect(labels.length).toBeLessThan(60)
  })

  it('shows that what is closed for all has nothing before it, and what is open only what everybody has', async () => {
    const honest = await recordPair()
    const closed = { name: 'ticket', connection: 'session', octets: 'ab'.repeat(32) } as const
    const open = { name: 'exporter', connection: 'session', octets: '00'.repeat(32) } as const
    const changed = picture({ ...honest, things: [closed, open] })
    expect([inputsOf(changed, 'ticket'), inputsOf(changed, 'exporter')]).toEqual([[], [['what everybody has']]])
  })
})
