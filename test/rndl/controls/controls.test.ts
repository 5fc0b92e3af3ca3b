import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { attack, NO_LEAKS } from '../../../src/rndl/adversary/index.js'
import {
  AFTER_RETRY,
  breakMacs,
  breakSecrets,
  CHECKS,
  CONTROLS,
  type Control,
  type Evidence,
  type Finding,
  findings,
  gatherEvidence,
  MUTUAL_CERTIFICATES,
  runControls,
  type Subject,
  soundEndpoints,
  WHOLE_SESSION,
  withLabels,
} from '../../../src/rndl/controls/index.js'
import { type Materials, makeMaterials } from '../../../src/rndl/endpoints/index.js'
import { isAchieved, mergeLeaks } from '../../../src/rndl/matrix/index.js'
import { type LeakName, PROTECTED_THINGS } from '../../../src/rndl/model.js'

const seed = new Uint8Array(32).fill(7)
let materials: Materials
beforeAll(() => {
  materials = makeMaterials(seed, ['ecdsa-p256'])
})

const checksIn = (found: readonly Finding[]) => found.map(({ check }) => check)

describe('the sound endpoints', () => {
  let sound: Evidence
  beforeAll(async () => {
    sound = await gatherEvidence(soundEndpoints(), { seed, materials })
  })

  it('pass every check', async () => {
    expect(findings(sound)).toEqual([])
    for (const specimen of [AFTER_RETRY, MUTUAL_CERTIFICATES]) {
      expect(findings(await gatherEvidence(soundEndpoints(specimen), { seed, materials }))).toEqual([])
    }
  })

  it('protect all that the claim is about, and the tape alone opens none of it', () => {
    const { tape, things } = sound.first
    const names = PROTECTED_THINGS.filter((name) => !name.endsWith('Certificate'))
    expect(things.map(({ name }) => name)).toEqual(names)
    const opened = attack(tape, NO_LEAKS)
    expect(things.filter((thing) => isAchieved(thing, opened, NO_LEAKS))).toEqual([])
  })

  it('pass them with a client whose provider is wrapped and changes nothing, against an unwrapped server', async () => {
    const wrapped: Subject = {
      sabotage: () => ({
        wrapProvider: (provider, side) =>
          side === 'server'
            ? provider
            : breakSecrets(
                breakMacs(provider, () => null),
                ({ mlkemSecret, curveSecret }) => Buffer.concat([mlkemSecret, curveSecret]),
              ),
      }),
    }
    expect(findings(await gatherEvidence(wrapped, { seed, materials }))).toEqual([])
  })
})

describe.each(CONTROLS.map((control) => [control.name, control] as const))('%s', (_, control) => {
  let evidence: Evidence
  beforeAll(async () => {
    evidence = await gatherEvidence(control, { seed, materials })
  })

  it(`is seen by ${control.seenBy.join(', ')}`, () => {
    expect(control.seenBy.length).toBeGreaterThan(0)
    expect(checksIn(findings(evidence))).toEqual(expect.arrayContaining([...control.seenBy]))
  })

  it('is no stronger than the sound endpoints: with every component broken its own schedule opens everything', () => {
    const components: readonly LeakName[] = ['curve', 'encapsulatedSecret', 'qkdKeys', 'authPsk']
    const { tape, things, leaks } = evidence.first
    const handed = mergeLeaks(leaks.filter(({ leak }) => components.includes(leak)))
    const opened = attack(tape, handed, evidence.schedule)
    expect(things.filter((thing) => !isAchieved(thing, opened, handed))).toEqual([])
  })
})

describe('what looks like a control and is none', () => {
  it('application keys from the Early Secret: over the server Finished, which is secret, they are as hard to get', async () => {
    const subject: Subject = {
      sabotage: withLabels(['c ap traffic', 's ap traffic'], (use, { expand }) =>
        use.lineage === null ? null : expand(use, { key: use.lineage.early }),
      ),
    }
    expect(findings(await gatherEvidence(subject, { seed, materials }))).toEqual([])
  })
})

describe('runControls', () => {
  const named = (name: string) => CONTROLS.find((control) => control.name === name) as Control

  it('reports each control with what caught it, and quotes the check that sees the defect itself', async () => {
    const progress: [number, number][] = []
    const controls = [named('qkd-only-in-binder'), named('small-seed')]
    const { controls: reports, falseAlarms } = await runControls({
      seed,
      controls,
      onProgress: (done, of) => progress.push([done, of]),
    })
    expect(reports.map(({ name, caught, caughtBy }) => ({ name, caught, caughtBy }))).toEqual([
      { name: 'qkd-only-in-binder', caught: true, caughtBy: ['graph', 'adversary'] },
      { name: 'small-seed', caught: true, caughtBy: ['adversary', 'search'] },
    ])
    expect(reports[1]?.finding).toBe('a search through 2^16 seeds of ML-KEM opened the request')
    expect(falseAlarms).toEqual([])
    expect(progress).toEqual([
      [1, 2],
      [2, 2],
    ])
  })

  it('does not count what raises the alarm for sound endpoints too, and reports it', async () => {
    const claim = { ...WHOLE_SESSION.claim, request: [] }
    const tooStrict: Control = { ...named('qkd-only-in-binder'), specimen: { ...WHOLE_SESSION, claim } }
    const { controls, falseAlarms } = await runControls({ seed, controls: [tooStrict] })
    expect(falseAlarms.map(({ check }) => check)).toEqual(['graph', 'adversary'])
    expect(controls).toMatchObject([{ caught: false, caughtBy: [] }])
  })

  it('stops when it is aborted, between one control and the next', async () => {
    const aborting = new AbortController()
    const reason = new Error('enough')
    const running = runControls({
      seed,
      controls: [named('qkd-only-in-binder'), named('small-seed')],
      signal: aborting.signal,
      onProgress: () => aborting.abort(reason),
    })
    await expect(running).rejects.toBe(reason)
  })

  it('says so when a control goes unnoticed, or only something else than its defect is noticed', async () => {
    const sound: Control = { ...named('concatenation'), name: 'sound', sabotage: () => ({}), schedule: {} }
    const misjudged: Control = { ...named('concatenation'), name: 'misjudged', seenBy: ['search'] }
    const { controls: reports } = await runControls({ seed, controls: [sound, misjudged] })
    expect(reports).toMatchObject([
      { caught: false, caughtBy: [], finding: 'nothing was found' },
      { caught: false, caughtBy: ['shifted boundary'] },
    ])
  })
})

describe('the table of controls', () => {
  it('has at least twelve, each with a name of its own', () => {
    expect(CONTROLS.length).toBeGreaterThanOrEqual(12)
    expect(new Set(CONTROLS.map(({ name }) => name)).size).toBe(CONTROLS.length)
  })

  it('needs every check', () => {
    const needed = new Set(CONTROLS.flatMap(({ seenBy }) => seenBy))
    expect(CHECKS.map(({ name }) => name).filter((name) => !needed.has(name))).toEqual([])
  })

  it('stands in the document row by row', () => {
    const document = readFileSync(new URL('../../../docs/rndl-controls.md', import.meta.url), 'utf8')
    const rows = CONTROLS.map(({ title, defect, seenBy }) => `| ${title} | ${defect} | ${seenBy.join(', ')} |`)
    expect(rows.filter((row) => !document.includes(row))).toEqual([])
  })
})
