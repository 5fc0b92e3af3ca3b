import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { credentials, type RunningKeyManagers, saeA, saeB, startKeyManagers } from '../support/kme.js'
import { file, isBuilt, misuse, notBuilt, run } from './command.js'

const pem = (option: string, id: string): string[] => [
  ...[`--${option}cert`, file(`${id}.pem`, String(credentials(id).cert))],
  ...[`--${option}key`, file(`${id}.key`, String(credentials(id).key))],
]

describe.skipIf(!isBuilt)(`trefoil doctor${notBuilt}`, () => {
  let kme: RunningKeyManagers
  const ours = () => [...pem('', saeA), '--ca', file('ca.pem', String(credentials(saeA).ca)), '--peer-sae', saeB]
  const both = () => [kme.urlA, ...ours(), '--peer-url', kme.urlB, ...pem('peer-', saeB)]
  beforeAll(async () => {
    kme = await startKeyManagers()
  })
  afterAll(() => kme.close())

  it('prints a line for each check and a summary, in JSON, and ends with 0 when nothing failed', async () => {
    const { code, events, stderr } = await run(['doctor', ...both(), '--sae', saeA, '--kme-id', 'KME-A', '--json'])
    expect([code, stderr]).toEqual([0, ''])
    expect(events[0]).toEqual({
      event: 'examination',
      url: kme.urlA,
      plannedKeys: expect.any(Number),
      maxKeys: 300,
    })
    const checks = events.filter(({ event }) => event === 'check')
    expect(checks.length).toBeGreaterThan(40)
    const text = expect.any(String)
    for (const check of checks) {
      expect(check).toEqual({ event: 'check', id: text, grade: text, clause: text, message: text })
    }
    const count = (grade: string) => checks.filter((check) => check['grade'] === grade).length
    expect(events.at(-1)).toEqual({
      event: 'summary',
      passed: count('pass'),
      warned: count('warn'),
      failed: 0,
      skipped: count('skipped'),
      keysTaken: expect.any(Number),
    })
    expect(checks.find(({ id }) => id === 'identity.foreign-ca')?.['grade']).toBe('pass')
  })

  it('prints a table of at most 100 columns, and ends with 1 when a check failed', async () => {
    kme.b.setFault('swapped-key')
    const { code, stdout, stderr } = await run(['doctor', ...both(), '--max-keys', '60'])
    kme.b.setFault(null)
    expect([code, stderr]).toEqual([1, ''])
    const lines = stdout.trimEnd().split('\n')
    expect(lines[1]).toMatch(/^takes up to \d+ keys .*, 60 at most/)
    for (const line of lines.slice(1)) expect(line.length, line).toBeLessThanOrEqual(100)
    expect(stdout).toMatch(/^FAIL dec\.post +5\.4, 6\.4 +the two sites got different keys under one key_ID$/m)
    expect(lines.at(-1)).toMatch(/^\d+ passed, \d+ warned, 1 failed, \d+ skipped; \d+ keys taken$/)
  })

  it('refuses wrong usage with 2', async () => {
    for (const [args, sentence] of [
      [[kme.urlA], /--cert/],
      [['http://127.0.0.1:1', ...ours()], /https:\/\/host:port/],
      [[kme.urlA, ...ours(), '--peer-url', kme.urlB], /go together/],
      [[kme.urlA, ...ours(), ...pem('other-', saeB)], /needs --peer-url/],
      [[...both(), '--size', 'x'], /whole number/],
    ] as const) {
      const { code, stderr, stdout } = await misuse(['doctor', ...args])
      expect(stderr).toMatch(sentence)
      expect([code, stdout]).toEqual([2, ''])
    }
  })
})
