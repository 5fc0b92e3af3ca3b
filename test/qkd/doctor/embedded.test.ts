import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type KeyManagerFault, type KeyManagerReport, randomKeyMaterial } from '../../../src/qkd/index.js'
import { credentials, type RunningKeyManagers, saeA, saeB, startKeyManagers } from '../../support/kme.js'
import { examine, finding, foreignCa, graded, saeC } from './support.js'

let kme: RunningKeyManagers
const both = () => ({
  url: kme.urlA,
  saeId: saeA,
  kmeId: 'KME-A',
  peer: { url: kme.urlB, ...credentials(saeB) },
  other: credentials(saeC),
  maxKeys: 400,
})

beforeAll(async () => {
  kme = await startKeyManagers({
    siteA: { kmeId: 'KME-A', sae: [saeA], tls: credentials('KME-A') },
    siteB: { kmeId: 'KME-B', sae: [saeB, saeC], tls: credentials('KME-B') },
    // A supply with an end, so that what is taken shows in the count.
    material: () => randomKeyMaterial((length) => randomBytes(length), 31_000),
    maxKeysPerRequest: 16,
  })
})
afterAll(() => kme.close())

describe('the embedded key manager', () => {
  let report: KeyManagerReport
  beforeAll(async () => {
    report = await examine(both())
  })

  it('passes every check that can be tried', () => {
    expect(graded(report, 'fail')).toEqual([])
    expect(graded(report, 'warn')).toEqual([])
    // Node 20 has no post-quantum group to offer.
    const skipped = graded(report, 'skipped').filter((id) => id !== 'transport.group')
    expect(skipped).toEqual(['enc.exhausted'])
    const { passed, failed, findings } = report
    expect([passed + report.skipped, failed]).toEqual([findings.length, 0])
  })

  it('gives out as many keys as the report says, and the report holds none of them', async () => {
    expect(report.keysTaken).toBeGreaterThan(16)
    expect(report.keysTaken).toBeLessThan(60)
    expect(Object.keys(report.findings[0] ?? {})).toEqual(['id', 'clause', 'grade', 'message'])
    for (const { message } of report.findings) expect(message).not.toMatch(/[A-Za-z0-9+/]{40}/)
  })

  it('findings come one by one, in the order of the report', async () => {
    const told: string[] = []
    const again = await examine({ ...both(), onFinding: ({ id }) => told.push(id) })
    expect(told).toEqual(again.findings.map(({ id }) => id))
  })
})

describe('what is not given is skipped with the reason, and nothing fails for it', () => {
  it('no second site, no third SAE, no IDs', async () => {
    const report = await examine({ url: kme.urlA, maxKeys: 400 })
    expect(graded(report, 'fail')).toEqual([])
    for (const id of ['dec.post', 'request.multicast']) {
      expect(finding(report, id)).toMatchObject({
        grade: 'skipped',
        message: expect.stringMatching(/not given|given$/),
      })
    }
    expect(finding(report, 'dec.once')?.message).toBe('rests on dec.post, which was skipped')
    expect(finding(report, 'dec.unknown')?.grade).toBe('pass')
  })

  it('keys beyond maxKeys are not taken', async () => {
    const report = await examine({ ...both(), maxKeys: 10 })
    expect(report.keysTaken).toBeLessThanOrEqual(10)
    expect(graded(report, 'fail')).toEqual([])
    expect(finding(report, 'enc.max-number')?.message).toMatch(/^would take up to 16 keys where \d+ more may be taken/)
  })
})

describe('a fault is noticed', () => {
  beforeEach(() => {
    kme.a.setFault(null)
    kme.b.setFault(null)
  })

  it.each<[fault: KeyManagerFault, site: 'a' | 'b', failing: string[]]>([
    ['down', 'a', ['transport.tls']],
    ['slow', 'a', ['status.get', 'enc.post']],
    ['half-answered', 'a', ['status.get', 'enc.post']],
    ['exhausted', 'a', ['enc.post']],
    ['wrong-length', 'a', ['enc.post']],
    ['bits-as-bytes', 'a', ['enc.post']],
    ['duplicate-id', 'a', ['dec.post']],
    ['swapped-key', 'a', ['dec.post']],
    ['down', 'b', ['dec.post', 'dec.unknown']],
    ['slow', 'b', ['dec.post', 'dec.unknown']],
    ['half-answered', 'b', ['dec.post', 'dec.unknown']],
    ['exhausted', 'b', ['dec.post']],
    ['wrong-length', 'b', ['dec.post']],
    ['bits-as-bytes', 'b', ['dec.post']],
    ['swapped-key', 'b', ['dec.post']],
    ['duplicate-id', 'b', ['dec.post']],
  ])('%s at site %s', async (fault, site, failing) => {
    kme[site].setFault(fault)
    const report = await examine({ ...both(), timeoutMilliseconds: fault === 'slow' ? 200 : 5000 })
    kme[site].setFault(null)
    expect(graded(report, 'fail')).toEqual(expect.arrayContaining(failing))
  })

  it('sizes in bytes are told from keys of a wrong length', async () => {
    kme.a.setFault('bits-as-bytes')
    const { message } = finding(await examine(both()), 'enc.post') ?? {}
    expect(message).toBe('a key of 2048 bits came where 256 were asked for; it takes bits for bytes')
  })
})

describe('identities that do not fit are noticed', () => {
  it('another CA than the key manager has: nothing is asked', async () => {
    const report = await examine({ ...both(), ca: foreignCa })
    expect(graded(report, 'fail')).toEqual(['transport.chain'])
    expect(finding(report, 'status.get')?.message).toBe('rests on transport.chain, which failed')
    expect(report.keysTaken).toBe(0)
  })

  it('another KME ID, SAE ID and server name', async () => {
    const report = await examine({ ...both(), kmeId: 'KME-Z', saeId: 'sae-zoe', servername: 'kme.example' })
    const failed = ['transport.host-name', 'transport.kme-id', 'status.identifiers', 'identity.master']
    expect(graded(report, 'fail')).toEqual(expect.arrayContaining(failed))
    expect(graded(report, 'warn')).toContain('identity.own-certificate')
  })

  it('an SAE that the key manager does not know', async () => {
    const report = await examine({ ...both(), ...credentials('sae-stranger') })
    expect(finding(report, 'status.get')).toMatchObject({
      grade: 'fail',
      message: 'status was answered with status 401',
    })
    expect(finding(report, 'errors.unauthorized')?.grade).toBe('pass')
  })
})
