/** The timeline, row by row, and what the harness makes of rows that come out otherwise. */
import { beforeAll, describe, expect, it } from 'vitest'
import { type Identities, makeIdentities } from '../../../src/rndl/timeline/identities.js'
import { runTimeline } from '../../../src/rndl/timeline/index.js'
import { ROWS } from '../../../src/rndl/timeline/rows/index.js'
import { type Stage, shows, trusts } from '../../../src/rndl/timeline/rows/stage.js'
import { tapeSession } from '../../../src/rndl/timeline/sessions.js'
import { commit, type Theft } from '../../../src/rndl/timeline/theft.js'
import { seededRandom } from '../../../src/rndl/trace/seededRandom.js'

const SEED = new Uint8Array(32).fill(3)
const random = seededRandom(SEED, 'timeline test')
let identities: Identities
let stage: Stage
beforeAll(() => {
  identities = makeIdentities()
  stage = { identities, random }
})

describe('the timeline', () => {
  it.each(ROWS)('$name ends as its row says', async ({ name, act }) => {
    const entry = await act(stage)
    expect(entry.name).toBe(name)
    expect(entry.sessions.map(({ at, achieved }) => [at, achieved])).toEqual(
      entry.sessions.map(({ at, expected }) => [at, expected]),
    )
    expect(entry.outcome).not.toContain('not as expected')
    expect(JSON.parse(JSON.stringify(entry))).toEqual(entry)
    const order = ['earlier', 'attacked', 'later']
    const ats = entry.sessions.map(({ at }) => order.indexOf(at))
    expect(ats).toEqual([...new Set(ats)].sort())
    for (const { expected, refusals } of entry.sessions) {
      // The last word against the adversary is the client's own, and not that he gave up.
      if (expected === 'refused' && refusals !== undefined) expect(refusals.at(-1)).not.toBe('ERR_ALERT_RECEIVED')
    }
  })

  it('has names of its own for all rows, and a short run with thefts of certificates, PSKs and QKD keys', () => {
    expect(new Set(ROWS.map(({ name }) => name)).size).toBe(ROWS.length)
    const quick = ROWS.filter((row) => row.quick).map(({ name }) => name)
    const some = ['server-key-after', 'server-key-during', 'psk-during', 'server-key-and-qkd-key-during']
    expect(quick).toEqual(expect.arrayContaining(some))
    expect(quick.length).toBeLessThan(10)
  })

  it('tells how far it has come, and is given up when its signal is aborted', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const progress: unknown[] = []
    const running = runTimeline({
      seed: SEED,
      extent: 'full',
      signal: controller.signal,
      onProgress: (step) => {
        progress.push(step)
        controller.abort(reason)
      },
    })
    await expect(running).rejects.toBe(reason)
    expect(progress).toEqual([{ what: ROWS[0]?.name, done: 1, total: ROWS.length }])
  })
})

describe('a row', () => {
  /** The server's key is stolen, and nothing is renewed. */
  const unrenewed = (): Theft => {
    const site = { server: shows(identities.server), client: trusts(identities.authority.ca) }
    return {
      name: 'unrenewed',
      when: 'during',
      attack: 'a key is stolen',
      mode: 'certificate',
      outcome: 'one session',
      expected: { earlier: 'closed', attacked: 'open', later: 'refused' },
      site,
      renewed: site,
      secrets: () => ({}),
      loot: () => ({}),
      masks: [{ server: site.server, client: site.client }],
    }
  }

  it('says so when a session that should be refused is open', async () => {
    const { outcome, sessions } = await commit(unrenewed(), random)
    expect(sessions.map(({ achieved }) => achieved)).toEqual(['closed', 'open', 'open'])
    expect(outcome).toMatch(/^not as expected: .*the later session was open$/)
  })

  it('says so when a session that should be open is refused', async () => {
    const useless = { ...unrenewed(), masks: [{ server: shows(identities.serverOfNew), client: {} }] }
    const { outcome, sessions } = await commit(useless, random)
    expect(sessions.map(({ achieved }) => achieved)).toEqual(['closed', 'refused', 'refused'])
    expect(sessions[1]?.refusals).toEqual(['ERR_UNKNOWN_CA'])
    expect(outcome).toContain('the attacked session was refused')
  })

  it('fails when an honest session fails, or when the adversary would be too weak to open any tape', async () => {
    const psk = { identity: 'a', key: random(32) }
    const site = { server: { psk }, client: { psk } }
    await expect(tapeSession(site, () => ({}), random)).rejects.toThrow('every component')
    const other = { psk: { identity: 'a', key: random(32) } }
    await expect(tapeSession({ ...site, client: other }, () => ({}), random)).rejects.toThrow()
  })
})
