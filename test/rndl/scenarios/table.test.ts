/** The table of scenarios: what it covers, and what every claim in it has in common. */
import { describe, expect, it } from 'vitest'
import { CIPHER_SUITES, HYBRID_GROUPS } from '../../../src/crypto/index.js'
import { opens, toBits } from '../../../src/rndl/leakSets.js'
import { LEAK_NAMES, type LeakName, type MinimalLeakSets } from '../../../src/rndl/model.js'
import { SCENARIOS, type Scenario, type Setup } from '../../../src/rndl/scenarios/index.js'

const some = (test: (setup: Setup) => boolean): boolean => SCENARIOS.some(({ setup }) => test(setup))
const open = (sets: MinimalLeakSets, subset: readonly LeakName[]): boolean =>
  opens(
    sets.map((set) => toBits(set, LEAK_NAMES)),
    toBits(subset, LEAK_NAMES),
  )

/** What feeds the key schedule of the session, and what breaking it may give. */
function componentsOf({ setup }: Scenario): LeakName[][] {
  const hybrid = setup.groups.server.some((group) => HYBRID_GROUPS.includes(group))
  return [
    ['curve'],
    ...(hybrid ? [['decapsulationKey', 'encapsulatedSecret'] as LeakName[]] : []),
    ...(setup.qkd !== 'off' && !setup.keyManagerDown ? [['qkdKeys', 'deliveryLink'] as LeakName[]] : []),
    ...(setup.psk !== 'none' ? [['authPsk'] as LeakName[]] : []),
  ]
}

describe('the table of scenarios', () => {
  it('has a name and a title for each', () => {
    for (const what of ['name', 'title'] as const) {
      expect(new Set(SCENARIOS.map((scenario) => scenario[what])).size).toBe(SCENARIOS.length)
    }
    for (const { name, title } of SCENARIOS) {
      expect(name).toMatch(/^[a-z0-9-]+$/)
      expect(title.length).toBeLessThanOrEqual(50)
    }
  })

  it('covers every mode of the design, every cipher suite and every hybrid group', () => {
    expect(new Set(SCENARIOS.map(({ mode }) => mode)).size).toBe(7)
    for (const suite of Object.keys(CIPHER_SUITES)) expect(some(({ cipherSuite }) => cipherSuite === suite)).toBe(true)
    for (const group of HYBRID_GROUPS) expect(some(({ groups }) => groups.server.includes(group))).toBe(true)
  })

  it('covers what can be different about a session, with and without QKD', () => {
    for (const qkd of ['off', 'require'] as const) {
      expect(some((setup) => setup.qkd === qkd && setup.resumes)).toBe(true)
      expect(some((setup) => setup.qkd === qkd && setup.keyUpdate)).toBe(true)
      expect(some((setup) => setup.qkd === qkd && setup.certificates === 'mutual')).toBe(true)
      expect(some((setup) => setup.qkd === qkd && setup.groups.client[0] !== setup.groups.server[0])).toBe(true)
      expect(some((setup) => setup.qkd === qkd && setup.groups.server.includes('x25519'))).toBe(true)
    }
    expect(some((setup) => setup.qkd === 'prefer' && setup.keyManagerDown)).toBe(true)
    expect(some((setup) => setup.metBefore)).toBe(true)
    expect(some((setup) => setup.psk === 'raw')).toBe(true)
    expect(some((setup) => setup.psk === 'imported' && setup.certificates === 'server')).toBe(true)
  })

  it('has a quick part, with each of the modes that are most unlike', () => {
    const quick = SCENARIOS.filter((scenario) => scenario.quick)
    expect(quick.length).toBeGreaterThanOrEqual(6)
    expect(quick.length).toBeLessThan(SCENARIOS.length / 2)
  })

  describe.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))('%s', (_, scenario) => {
    const { claim } = scenario
    const keys = ['serverCertificate', 'request', 'response', 'exporter'] as const

    it('claims that keys for signing open nothing', () => {
      for (const sets of Object.values(claim)) {
        expect(sets.flat().filter((leak) => leak === 'signingKeys' || leak === 'caKeys')).toEqual([])
      }
    })

    it('claims that its session stays closed while one component holds, whatever else falls', () => {
      // Who has the traffic secrets needs nothing else (SECURITY.md, a stolen endpoint).
      const fallen = LEAK_NAMES.filter((leak) => leak !== 'memory')
      for (const thing of keys) {
        expect(open(claim[thing] ?? [], fallen)).toBe(true)
        for (const component of componentsOf(scenario)) {
          const withheld = fallen.filter((leak) => !component.includes(leak))
          expect(open(claim[thing] ?? [], withheld)).toBe(false)
        }
      }
    })
  })
})
