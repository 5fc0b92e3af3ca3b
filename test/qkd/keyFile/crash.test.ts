/** Real processes on one key file, killed while they draw from it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { inspectKeyFile, keyFile } from '../../../src/qkd/index.js'
import { isBuilt, notBuilt } from '../../cli/command.js'
import { alice, code, open, pair } from './support.js'

const program = fileURLToPath(new URL('drawKeys.mjs', import.meta.url))

/** Starts the program, which is killed once it has printed so many lines; all lines that it printed. */
async function drawUntilKilled(path: string, count: number, ids?: readonly string[]): Promise<string[]> {
  const child = spawn(process.execPath, [program, path, ...(ids ? ['named'] : [])], { stdio: 'pipe' })
  onTestFinished(() => void child.kill('SIGKILL'))
  let stdout = ''
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    if (stdout.split('\n').length > count) child.kill('SIGKILL')
  })
  child.stdin.on('error', () => undefined)
  child.stdin.write(ids?.map((id) => `${id}\n`).join('') ?? '')
  await once(child, 'close')
  expect([child.signalCode, stderr]).toEqual(['SIGKILL', ''])
  return stdout.split('\n').slice(0, -1)
}

describe.skipIf(!isBuilt)(`kill -9 while keys are drawn${notBuilt}`, () => {
  const ROUNDS = 4

  it('no key is given out twice after a restart, and each kill loses one at most', async () => {
    const [path] = await pair({ count: 20_000, initiator: alice })
    const printed: string[] = []
    for (let round = 0; round < ROUNDS; round++) printed.push(...(await drawUntilKilled(path, 30 * round + 1)))
    expect(new Set(printed).size).toBe(printed.length)
    const { own } = await inspectKeyFile(path)
    const lost = own.used + own.damaged - printed.length
    expect(lost).toBeGreaterThanOrEqual(0)
    expect(lost).toBeLessThanOrEqual(ROUNDS)
    // The lock of a killed process does not stand in the way.
    const source = await open(path)
    expect(printed).not.toContain((await source.getKey(source.peerSaeId)).keyId)
  })

  it('no key that the peer named is found twice, whatever the peer asks after the restart', async () => {
    const [pathA, pathB] = await pair({ count: 200, initiator: alice })
    const a = await open(pathA)
    const ids: string[] = []
    for (let i = 0; i < 200; i++) ids.push((await a.getKey(a.peerSaeId)).keyId)
    const found: string[] = []
    for (let round = 1; round <= 2; round++) {
      const printed = await drawUntilKilled(pathB, 60 * round, ids)
      found.push(...printed.filter((line) => line !== 'ERR_QKD_KEY_NOT_FOUND'))
    }
    expect(found.length).toBeGreaterThanOrEqual(60)
    expect(new Set(found).size).toBe(found.length)
    expect(ids).toEqual(expect.arrayContaining(found))
  })

  it('two processes cannot have the file at once', async () => {
    const [path] = await pair({ count: 20_000, initiator: alice })
    const child = spawn(process.execPath, [program, path], { stdio: 'pipe' })
    onTestFinished(() => void child.kill('SIGKILL'))
    await once(child.stdout, 'data')
    await expect(keyFile({ path })).rejects.toEqual(code('ERR_INVALID_STATE'))
    child.kill('SIGKILL')
    await once(child, 'exit')
    await open(path)
  })
})
