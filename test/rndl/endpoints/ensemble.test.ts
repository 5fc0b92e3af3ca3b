/** Scenarios played in processes. They load the built program, so these tests use it as it is built. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { Ensemble } from '../../../src/rndl/endpoints/index.js'
import type { LeakName, RecordedRun } from '../../../src/rndl/model.js'
import { PLAIN_SETUP, type Setup } from '../../../src/rndl/scenarios/index.js'
import { isRunning } from '../../support/processes.js'

type Built = typeof import('../../../src/rndl/endpoints/index.js') & typeof import('../../../src/rndl/matrix/index.js')

const BUILT = ['endpoints', 'matrix', 'adversary'].map((name) =>
  fileURLToPath(new URL(`../../../dist/rndl/${name}/index.js`, import.meta.url)),
) as [string, string, string]
const { Ensemble: BuiltEnsemble, makeMaterials }: Built = await import(BUILT[0])
const { isAchieved, mergeLeaks }: Built = await import(BUILT[1])
const { attack }: typeof import('../../../src/rndl/adversary/index.js') = await import(BUILT[2])

const seed = new Uint8Array(32).fill(5)
let ensemble: Ensemble
beforeAll(async () => {
  ensemble = await BuiltEnsemble.start({ materials: makeMaterials(seed), seed })
})
afterAll(() => ensemble.close())

const record = (setup: Partial<Setup>): Promise<RecordedRun> =>
  ensemble.record({ name: 'test', setup: { ...PLAIN_SETUP, ...setup } })

/** Names of the things that these leaks open. */
function opened(run: RecordedRun, ...names: LeakName[]): string[] {
  const leaks = mergeLeaks(run.leaks.filter(({ leak }) => names.includes(leak)))
  const results = attack(run.tape, leaks)
  return run.things.filter((thing) => isAchieved(thing, results, leaks)).map(({ name }) => name)
}

const keyLogFolders = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('trefoil-rndl-'))

describe('an ensemble', { timeout: 90_000 }, () => {
  it('is three processes', () => {
    expect(new Set([process.pid, ...ensemble.pids]).size).toBe(4)
    expect(ensemble.pids.every(isRunning)).toBe(true)
  })

  it('is taped between client and server, and between each of them and its key manager', async () => {
    const run = await record({ qkd: 'require' })
    expect(run.tape.map(({ name }) => name)).toEqual([
      'session',
      'key delivery to the server',
      'key delivery to the client',
    ])
    expect(run.tape.every(({ segments }) => segments.length > 3)).toBe(true)
    expect(run.protections?.[0]?.qkd?.delivery?.kind).toBe('tls')
    const things = run.things.map(({ name }) => name)
    expect(opened(run, 'curve', 'decapsulationKey')).toEqual([])
    expect(opened(run, 'curve', 'decapsulationKey', 'qkdKeys')).toEqual(things)
    // The key is in the reply of the key manager, on the tape of either link.
    expect(opened(run, 'curve', 'encapsulatedSecret', 'deliveryLink')).toEqual(things)
    expect(opened(run, 'deliveryLink', 'qkdKeys', 'encapsulatedSecret', 'decapsulationKey')).toEqual([])
  })

  it('tells why a scenario could not be played, and plays the next', async () => {
    await expect(record({ qkd: 'require', keyManagerDown: true })).rejects.toThrow(/the (client|server): .*\(ERR_/)
    const { protections } = await record({ qkd: 'require' })
    expect(protections?.[0]?.qkd).not.toBeNull()
  })

  it('goes without a QKD key when the key manager is down and policy lets it', async () => {
    const run = await record({ qkd: 'prefer', keyManagerDown: true })
    expect(run.protections?.[0]?.qkd).toBeNull()
    expect(run.leaks.map(({ leak }) => leak)).not.toContain('qkdKeys')
  })

  it('leaves neither processes nor key logs behind', async () => {
    const before = keyLogFolders()
    const other = await BuiltEnsemble.start({ materials: makeMaterials(seed), seed })
    const own = keyLogFolders().filter((name) => !before.includes(name))
    expect(own.length).toBeGreaterThan(0)
    await other.close()
    expect(other.pids.some(isRunning)).toBe(false)
    expect(keyLogFolders().filter((name) => own.includes(name)).length).toBeLessThan(own.length)
    await expect(other.record({ name: 'x', setup: PLAIN_SETUP })).rejects.toThrow('ended')
  })

  it('ends with its parent, however that ends, and leaves no key log even then', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ensemble-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const program = `
      import { Ensemble, makeMaterials } from ${JSON.stringify(BUILT[0])}
      const seed = new Uint8Array(32)
      const { pids } = await Ensemble.start({ materials: makeMaterials(seed), seed })
      console.log(JSON.stringify(pids))
      setInterval(() => {}, 1000)`
    const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, TMPDIR: folder },
    })
    const pids = await new Promise<number[]>((resolve) => {
      let text = ''
      parent.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
        if (text.endsWith('\n')) resolve(JSON.parse(text))
      })
    })
    expect(pids.every(isRunning)).toBe(true)
    expect(readdirSync(folder)).toHaveLength(1)
    parent.kill('SIGKILL')
    await expect.poll(() => pids.filter(isRunning)).toEqual([])
    expect(readdirSync(folder)).toEqual([])
  })
})
