/** Whether the floor is one: what it computes, a handshake computes, and what a handshake computes beyond it is known. */
import { describe, expect, it } from 'vitest'
import { makeFloor } from '../../src/bench/floor/floor.js'
import { floorPlan } from '../../src/bench/floor/plan.js'
import type { Side } from '../../src/bench/handshakes/coreHandshake.js'
import { countFloor } from '../../src/bench/handshakes/floorTable.js'
import { type ModeName, modeNamed } from '../../src/bench/handshakes/modes.js'
import { meteredProvider } from '../../src/bench/meter/meteredProvider.js'
import { type Observation, observe } from '../../src/bench/meter/observe.js'
import type { Operation } from '../../src/bench/meter/operation.js'
import { nodeProvider } from '../../src/crypto/index.js'

const SIDES = ['client', 'server'] as const
/** One of each kind. */
const MODES: readonly ModeName[] = [
  'mldsa44-server',
  'mldsa65-mutual',
  'psk',
  'psk+qkd',
  'certificate+qkd',
  'resumption',
  'mldsa65-server-anew',
]

interface Compared {
  readonly observation: Observation
  readonly floor: Readonly<Record<Side, readonly Operation[]>>
}

async function compare(name: ModeName): Promise<Compared> {
  const mode = modeNamed(name)
  const observation = await observe(mode, nodeProvider)
  const floor: Record<Side, Operation[]> = { client: [], server: [] }
  let turn: Side | null = null
  const provider = meteredProvider(nodeProvider, (operation, work) => {
    if (turn !== null) floor[turn].push(operation)
    return work()
  })
  makeFloor(
    floorPlan(mode, observation),
    provider,
  )((side) => {
    turn = side
  })
  return { observation, floor }
}

/** What an operation is, by all that its cost depends on. */
function costOf(operation: Operation): string {
  const { kind, label, ...rest } = { label: null, ...operation }
  return [kind, ...Object.values(rest)].join(' ')
}

function tally(operations: readonly Operation[], only: (operation: Operation) => boolean = () => true) {
  const counts = new Map<string, number>()
  for (const operation of operations.filter(only)) {
    counts.set(costOf(operation), (counts.get(costOf(operation)) ?? 0) + 1)
  }
  return counts
}

const PUBLIC_KEY = new Set([
  'mlkem generate',
  'mlkem encapsulate',
  'mlkem decapsulate',
  'curve generate',
  'curve agree',
  'curve respond',
  'sign',
  'verify',
])
const isPublicKey = ({ kind }: Operation) => PUBLIC_KEY.has(kind)
const octets = (operations: readonly Operation[], ...kinds: Operation['kind'][]) =>
  operations.reduce((sum, one) => sum + (kinds.includes(one.kind) && 'length' in one ? one.length : 0), 0)

describe.each(MODES)('the floor of %s', (name) => {
  it('computes what the handshake does, and nothing else', async () => {
    const { observation, floor } = await compare(name)
    for (const side of SIDES) {
      const handshake = observation.operations[side]
      // Key pairs, agreements, signatures: exactly the same ones, over messages of the same length.
      expect(tally(floor[side], isPublicKey)).toEqual(tally(handshake, isPublicKey))

      // Of everything else no more than the handshake. A transcript may be fed in other pieces.
      const seen = tally(handshake)
      for (const [cost, count] of tally(floor[side], ({ kind }) => kind !== 'update')) {
        expect(seen.get(cost) ?? 0, `${side}: ${cost}`).toBeGreaterThanOrEqual(count)
      }
      expect(octets(floor[side], 'update')).toBeLessThanOrEqual(octets(handshake, 'update'))

      // And not so little that nobody could reach it: what is beyond is known by name.
      const macs = (operations: readonly Operation[]) => operations.filter(({ kind }) => kind === 'hmac').length
      const beyond = macs(handshake) - macs(floor[side])
      expect(beyond, `${side}: HMACs beyond the floor`).toBeLessThanOrEqual(KNOWN_BEYOND)
      // A flight in more records than it needs has more inner types.
      expect(octets(handshake, 'seal') - octets(floor[side], 'seal')).toBeGreaterThanOrEqual(0)
      expect(octets(handshake, 'seal') - octets(floor[side], 'seal')).toBeLessThanOrEqual(8)
    }
  })
})

/**
 * HMACs that a handshake may do without: HKDF-Extract of the Early Secret and "derived" from it where there is no PSK;
 * "res master" and the PSK of a ticket where no ticket is sent.
 */
const KNOWN_BEYOND = 2

describe('the plan of a floor', () => {
  it('has the HMACs of the key schedule by their labels (RFC 9846 7.1)', async () => {
    const mode = modeNamed('mldsa44-server')
    const plan = floorPlan(mode, await observe(mode, nodeProvider))
    const labels = plan.client.flat().flatMap((operation) => (operation.kind === 'macs' ? operation.macs : []))
    const count = (label: string) => labels.filter((mac) => mac.label === label).length
    // Without a PSK the Early Secret is known beforehand.
    expect(count('extract')).toBe(2)
    expect(count('derived')).toBe(1)
    for (const label of ['c hs traffic', 's hs traffic', 'c ap traffic', 's ap traffic', 'exp master', 'res master']) {
      expect(count(label), label).toBe(1)
    }
    // Both sides read and write, before and after the handshake is done.
    expect([count('key'), count('iv'), count('finished'), count('finished MAC'), count('resumption')]).toEqual([
      4, 4, 2, 2, 2,
    ])
    expect(countFloor(plan, 'client')).toMatchObject({ keyExchanges: 2, signatures: 0, verifications: 1, macs: 23 })
    expect(countFloor(plan, 'server')).toMatchObject({ keyExchanges: 1, signatures: 1, verifications: 0, tickets: 2 })
  })
})
