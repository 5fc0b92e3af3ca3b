/** What is measured in processes. They load the built program, so these tests use it as it is built. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { Section } from '../../src/bench/report/sections.js'
import { STACKS } from '../../src/bench/stacks/settings.js'
import { isRunning } from '../support/processes.js'

const built = (path: string): string => fileURLToPath(new URL(`../../dist/bench/${path}.js`, import.meta.url))
const load = <Module>(path: string): Promise<Module> => import(built(path)) as Promise<Module>

const { runThroughput } =
  await load<typeof import('../../src/bench/throughput/measureThroughput.js')>('throughput/measureThroughput')
const { throughputSection } = await load<typeof import('../../src/bench/throughput/section.js')>('throughput/section')
const { runMemory } = await load<typeof import('../../src/bench/memory/measureMemory.js')>('memory/measureMemory')
const { memorySection } = await load<typeof import('../../src/bench/memory/section.js')>('memory/section')
const { runEventLoop } =
  await load<typeof import('../../src/bench/eventLoop/measureEventLoop.js')>('eventLoop/measureEventLoop')
const { eventLoopSection } = await load<typeof import('../../src/bench/eventLoop/section.js')>('eventLoop/section')
const { stormCases } = await load<typeof import('../../src/bench/eventLoop/cases.js')>('eventLoop/cases')
const { withProcesses } =
  await load<typeof import('../../src/processes/withProcesses.js')>('../processes/withProcesses')

/** Processes that this one has started and that are still there, or were a moment ago. */
const children = (): number => process.getActiveResourcesInfo().filter((name) => name === 'ProcessWrap').length

/** What every report needs of a section. */
function expectReportable({ result, tables, plots }: Section): void {
  expect(JSON.parse(JSON.stringify(result))).toEqual(result)
  expect(tables.length).toBeGreaterThan(0)
  for (const { columns, rows, note } of tables) {
    expect(note).not.toBe('')
    expect(rows.length).toBeGreaterThan(0)
    for (const row of rows) expect(row).toHaveLength(columns.length)
  }
  for (const { series } of plots) {
    for (const { points } of series) for (const [, y] of points) expect(y).toBeTypeOf('number')
  }
}

describe('throughput', () => {
  it('is measured for each stack and each write size, with the CPU of both ends, and compared round by round', async () => {
    const before = children()
    const result = await runThroughput({ writeSizes: [64, 16_384], rounds: 2, seconds: 0.002, warmUp: 0 })
    await expect.poll(children).toBeLessThanOrEqual(before)
    expect(result.cells.map(({ stack, writeSize }) => `${stack} ${writeSize}`)).toEqual(
      STACKS.flatMap((stack) => [`${stack} 64`, `${stack} 16384`]),
    )
    for (const { mebibytesPerSecond, senderCpuPerMebibyte, receiverCpuPerMebibyte } of result.cells) {
      for (const spread of [mebibytesPerSecond, senderCpuPerMebibyte, receiverCpuPerMebibyte]) {
        expect(spread.rounds).toBe(2)
        expect(spread.median).toBeGreaterThan(0)
      }
    }
    expect(result.byWriteSize.map(({ writeSize }) => writeSize)).toEqual([64, 16_384])
    expect(result.ratios['bulk-16k'].nodeTls).toBe(result.byWriteSize[1]?.nodeTls.median)
    expectReportable(throughputSection(result))
  })
})

describe('memory', () => {
  it('is measured at both ends for each number of connections, and so are handshakes beside them', async () => {
    const before = children()
    const stacks = ['trefoil', 'node-tls'] as const
    const result = await runMemory({ stacks, counts: [1, 40], warmUp: 2, probes: 2 })
    await expect.poll(children).toBeLessThanOrEqual(before)
    expect(result.points.map(({ stack, connections }) => `${stack} ${connections}`)).toEqual(
      stacks.flatMap((stack) => [`${stack} 1`, `${stack} 40`]),
    )
    for (const point of result.points) {
      if ('skipped' in point) throw new Error(point.skipped)
      expect(point.handshake.server).toBeGreaterThan(0)
      expect(point.handshake.client).toBeGreaterThan(0)
    }
    expect(Object.keys(result.flatness)).toEqual([...stacks])
    expect(result.ratios['memory-idle'].connections).toBeOneOf([40, null])
    expectReportable(memorySection(result))
  })

  it('says what the system does not let it measure', async () => {
    const limit = 100_000_000
    const { points, ratios } = await runMemory({ stacks: ['tcp'], counts: [limit], warmUp: 1, probes: 1 })
    expect(points).toHaveLength(1)
    for (const point of points) expect(point).toHaveProperty('skipped', expect.stringContaining('ulimit -n'))
    expect(ratios['memory-idle'].nodeTls).toBeNull()
  })
})

describe('the event loop', () => {
  it('is watched at a server under a storm, and at both ends of single handshakes', async () => {
    const before = children()
    const cases = stormCases({ quick: true }).slice(0, 2)
    const result = await runEventLoop({ cases, warmUp: 2, storm: 8, single: 4, parallel: 4 })
    await expect.poll(children).toBeLessThanOrEqual(before)
    expect(result.storms.map(({ stack }) => stack)).toEqual(['trefoil', 'node-tls'])
    for (const { serverDelay, serverStretch, clientStretch, ...storm } of result.storms) {
      expect(storm.handshakes).toBe(8)
      expect(storm.handshakesPerSecond).toBeGreaterThan(0)
      expect(storm.serverCpuPerHandshake).toBeGreaterThan(0)
      expect(serverDelay.max).toBeGreaterThanOrEqual(serverDelay.p50)
      for (const { handshakes, p50, max } of [serverStretch, clientStretch]) {
        expect(handshakes).toBe(4)
        expect(p50).toBeGreaterThan(0)
        expect(max).toBeGreaterThanOrEqual(p50)
      }
    }
    expectReportable(eventLoopSection(result))
  })

  it('has in its storms what both stacks can do, and the signer in a thread of its own', () => {
    const cases = stormCases({ quick: false })
    const ours = cases.filter(({ stack }) => stack === 'trefoil').map(({ name }) => name)
    const theirs = cases.filter(({ stack }) => stack === 'node-tls').map(({ name }) => name)
    expect(ours).toEqual(expect.arrayContaining(theirs))
    expect(cases.filter(({ workerSigner }) => workerSigner === true)).toHaveLength(1)
    expect(new Set(cases.map(({ stack, name }) => `${stack} ${name}`)).size).toBe(cases.length)
  })
})

describe('processes of a measurement', () => {
  const program = new URL(`file://${built('memory/child')}`)
  type Questions = import('../../src/bench/memory/child.js').IdleQuestions

  it('are gone when it is aborted in the middle, with the reason of the signal', async () => {
    const before = children()
    const stop = new AbortController()
    const enough = new Error('enough')
    const running = runMemory(
      { stacks: ['tcp'], counts: [1], warmUp: 1, probes: 1_000_000 },
      { signal: stop.signal, onProgress: () => setTimeout(() => stop.abort(enough), 50) },
    )
    await expect(running).rejects.toBe(enough)
    await expect.poll(children).toBeLessThanOrEqual(before)
  })

  it('are gone when it fails, and tell what failed', async () => {
    const pids: (number | undefined)[] = []
    const failing = withProcesses(undefined, async (start) => {
      const child = start<Questions>({ program, name: 'the child' })
      pids.push(child.pid)
      await child.ask('memory', null)
    })
    await expect(failing).rejects.toMatchObject({
      code: 'ERR_INTERNAL',
      message: 'the child: the process was started without --expose-gc',
    })
    expect(pids.every((pid) => pid !== undefined && !isRunning(pid))).toBe(true)
  })

  it('tell when one of them ends instead of answering', async () => {
    // A module that does nothing: the process is at its end at once.
    const idle = new URL(`file://${built('network/path')}`)
    const ending = withProcesses(undefined, async (start) => {
      await start<Questions>({ program: idle, name: 'the child' }).ask('memory', null)
    })
    await expect(ending).rejects.toMatchObject({ code: 'ERR_INTERNAL', message: 'the child ended: exit status 0.' })
  })

  it('are not started when the signal was aborted before', async () => {
    const enough = new Error('enough')
    const before = children()
    await expect(
      runThroughput({ writeSizes: [64], rounds: 1, seconds: 1, warmUp: 0 }, { signal: AbortSignal.abort(enough) }),
    ).rejects.toBe(enough)
    await expect.poll(children).toBeLessThanOrEqual(before)
  })

  it('end with their parent, however that ends', async () => {
    const script = `
      import { withProcesses } from ${JSON.stringify(built('../processes/withProcesses'))}
      await withProcesses(undefined, async (start) => {
        const child = start({ program: new URL(${JSON.stringify(program.href)}), name: 'the child' })
        await child.ask('fileLimit', null)
        console.log(child.pid)
        await new Promise((resolve) => setTimeout(resolve, 1_000_000))
      })`
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const pid = await new Promise<number>((resolve) => {
      parent.stdout.setEncoding('utf8').once('data', (line: string) => resolve(Number(line)))
    })
    expect(isRunning(pid)).toBe(true)
    parent.kill('SIGKILL')
    await expect.poll(() => isRunning(pid)).toBe(false)
  })
})
