import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readTape } from '../../src/rndl/index.js'
import { isBuilt, misuse, notBuilt, run } from './command.js'

const folder = mkdtempSync(join(tmpdir(), 'trefoil-rndl-cli-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.runIf(isBuilt)(`trefoil rndl${notBuilt}`, () => {
  it('finds graph, claim and adversary of one mind, catches all controls, and says so in every form', async () => {
    const [html, tapes] = [join(folder, 'report.html'), join(folder, 'tapes')]
    const seed = '5eed'.repeat(8)
    const args = ['--quick', '--json', '--seed', seed, '--html', html, '--tapes', tapes]
    const { code, events, stderr } = await run(['rndl', ...args])
    expect(code).toBe(0)
    const scenarios = events.filter(({ event }) => event === 'scenario')
    expect(scenarios.length).toBeGreaterThanOrEqual(9)
    const summary = events.at(-1) as {
      readonly cells: number
      readonly disagreements: number
      readonly controls: { readonly total: number; readonly caught: number }
    }
    expect(Object.keys(summary)).toEqual(['event', 'cells', 'disagreements', 'controls', 'milliseconds'])
    expect(summary.disagreements).toBe(0)
    expect(summary.cells).toBeGreaterThan(5000)
    expect(summary.controls.total).toBeGreaterThanOrEqual(12)
    expect(summary.controls.caught).toBe(summary.controls.total)
    // Nothing but the stages of its progress, of which some pass unseen behind others.
    for (const line of stderr.trim().split('\n')) expect(line).toMatch(/^(scenarios|search|controls|timeline) \(\d+\)$/)
    expect(readFileSync(html, 'utf8')).toContain(seed)
    const files = readdirSync(tapes)
    expect(files.filter((name) => name.endsWith('.tape'))).toHaveLength(scenarios.length)
    const taped = readTape(readFileSync(join(tapes, 'certificate-qkd.tape'), 'utf8')).map(({ name }) => name)
    expect(taped.sort()).toEqual(['key delivery to the client', 'key delivery to the server', 'session'])
    expect(statSync(join(tapes, 'certificate-qkd.pcapng')).mode & 0o777).toBe(0o600)
  }, 120_000)
})

describe('wrong usage of trefoil rndl', () => {
  it.each([
    ['a short seed', ['--seed', '00ff']],
    ['a seed that is no hex', ['--seed', 'x'.repeat(32)]],
    ['an argument', ['everything']],
  ])('%s', async (_, args) => {
    expect(await misuse(['rndl', ...args])).toMatchObject({ code: 2 })
  })

  it.each(['--html', '--tapes'])('%s: what is there already is found before anything is run', async (option) => {
    const there = option === '--html' ? join(folder, 'there.html') : folder
    writeFileSync(join(folder, 'there.html'), 'mine')
    const { code, stderr } = await misuse(['rndl', '--quick', option, there])
    expect(code).toBe(1)
    expect(stderr).not.toContain('scenarios')
    expect(readFileSync(join(folder, 'there.html'), 'utf8')).toBe('mine')
  })
})
