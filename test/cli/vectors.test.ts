import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { folderOfFile } from '../support/endOfFile.js'
import { file, isBuilt, misuse, notBuilt, run } from './command.js'

/** RFC 5869 appendix A.1, and the same with one bit flipped. */
const CASE = {
  tcId: 1,
  hash: 'SHA-256',
  IKM: '0b'.repeat(22),
  salt: '000102030405060708090a0b0c',
  info: 'f0f1f2f3f4f5f6f7f8f9',
  L: 42,
  OKM: '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
}
const SPOILT = { ...CASE, tcId: 2, OKM: `3db25f25${CASE.OKM.slice(8)}` }

describe.runIf(isBuilt)(`trefoil vectors${notBuilt}`, () => {
  const folder = folderOfFile('trefoil-vectors-cli-')
  beforeAll(() => {
    writeFileSync(join(folder(), 'good.json'), JSON.stringify({ tests: [CASE] }))
    writeFileSync(join(folder(), 'note.txt'), 'not a vector')
  })

  it('runs what is in a folder through each provider and ends well', async () => {
    const { code, stdout, stderr } = await run(['vectors', folder()])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout.split('\n')).toEqual([
      `${join(folder(), 'good.json')} (RFC 5869 HKDF)`,
      '  noble 1 passed, 0 failed, 0 skipped',
      '  node  1 passed, 0 failed, 0 skipped',
      join(folder(), 'note.txt'),
      '  0 passed, 0 failed, 1 skipped: neither JSON nor PEM',
      '2 files, noble and node: 2 passed, 0 failed, 1 skipped',
      '',
    ])
  })

  it('fails on a spoilt answer and shows where it differs, as text and as lines that end with the summary', async () => {
    const spoilt = file('spoilt.json', JSON.stringify({ tests: [CASE, SPOILT] }))
    const [text, json] = await Promise.all([
      run(['vectors', spoilt, '--provider', 'node']),
      run(['vectors', '--json', spoilt, folder()]),
    ])
    expect(text.code).toBe(1)
    expect(text.stdout).toContain(
      '  node  1 passed, 1 failed, 0 skipped\n    ✗ tcId 2: OKM differs\n      first at octet 0\n',
    )
    expect(text.stdout).toMatch(/\n {6}expected 3db2[0-9a-f]+…\n {6}actual {3}3cb2[0-9a-f]+…\n/)

    expect(json.code).toBe(1)
    const failure = { event: 'failure', path: spoilt, format: 'RFC 5869 HKDF', provider: 'noble', case: 'tcId 2' }
    expect(json.events).toContainEqual(expect.objectContaining({ ...failure, message: 'OKM differs', octet: 0 }))
    const runs = json.events.filter(({ event }) => event === 'file')
    expect(runs.map(({ provider, passed, failed, skipped }) => [provider, passed, failed, skipped])).toEqual([
      ['noble', 1, 1, 0],
      ['node', 1, 1, 0],
      ['noble', 1, 0, 0],
      ['node', 1, 0, 0],
      [null, 0, 0, 1],
    ])
    const lines = json.stdout.trimEnd().split('\n')
    expect(lines.at(-1)).toBe('{"event":"summary","files":3,"passed":4,"failed":2,"skipped":1}')
  })

  it('fails on a path that holds no vector, and says where public ones come from if there is nothing at all', async () => {
    const nowhere = join(folder(), 'nowhere')
    const [unknown, missing, json] = await Promise.all([
      run(['vectors', join(folder(), 'note.txt')]),
      run(['vectors', nowhere]),
      run(['vectors', '--json', nowhere]),
    ])
    expect([unknown.code, missing.code, json.code]).toEqual([1, 1, 1])
    expect(unknown.stderr).toMatch(/note\.txt: nothing could be run: neither JSON nor PEM\n$/)
    expect(missing.stderr).toContain('nowhere: there is no file and no folder of this name\n')
    expect(missing.stderr).toContain('https://github.com/C2SP/wycheproof')
    expect(json.events.map(({ event }) => event)).toEqual(['error', 'summary'])
    expect(json.events[0]).toMatchObject({ alert: null, message: expect.stringContaining('usnistgov/ACVP-Server') })
    expect(json.events[1]).toEqual({ event: 'summary', files: 0, passed: 0, failed: 0, skipped: 0 })
  })
})

describe('wrong usage of trefoil vectors', () => {
  it.each([
    ['no path', []],
    ['an unknown provider', ['.', '--provider', 'openssl']],
    ['an unknown option', ['.', '--yaml']],
  ])('%s', async (_, args) => {
    expect(await misuse(['vectors', ...args])).toMatchObject({ code: 2 })
  })

  it('has a help that says where public known answers come from', async () => {
    const { code, stdout } = await misuse(['vectors', '--help'])
    expect(code).toBe(0)
    expect(stdout).toContain('https://github.com/usnistgov/ACVP-Server')
  })
})
