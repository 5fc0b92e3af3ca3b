/**
 * Bulk transfer over loopback in one direction, from one process to another, for a range of write sizes: Trefoil, the
 * running Node's own tls and plain TCP in turns, so that what else the machine does falls on all of them.
 */
import type { AskedProcess } from '../../processes/askedProcess.js'
import { type StartProcess, withProcesses } from '../../processes/withProcesses.js'
import type { Measure, MeasureOptions } from '../report/sections.js'
import { ratioOf, type Spread, spreadOf } from '../spread.js'
import { CERTIFICATE_PROFILE, makeCredentials } from '../stacks/commonGround.js'
import { type Credentials, STACKS, type Stack, type StackSettings } from '../stacks/settings.js'
import type { TransferQuestions } from './child.js'
import type { ThroughputCell, ThroughputResult } from './result.js'
import { throughputSection } from './section.js'

const PROGRAM = new URL('./child.js', import.meta.url)
const KIB = 1024
const MIB = 1024 * KIB

export interface ThroughputPlan {
  /** Octets. */
  readonly writeSizes: readonly number[]
  /** How often every transfer is repeated; each time all of them, one after the other. */
  readonly rounds: number
  /** How long a transfer should take, in seconds. */
  readonly seconds: number
  /** Seconds for which each pair transfers before anything is measured: until its code is compiled. */
  readonly warmUp: number
}

export const QUICK_PLAN: ThroughputPlan = {
  writeSizes: [64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB],
  rounds: 3,
  seconds: 0.06,
  warmUp: 0.4,
}
export const FULL_PLAN: ThroughputPlan = { ...QUICK_PLAN, rounds: 9, seconds: 0.25, warmUp: 2 }

/** Of one transfer: MiB/s, and CPU µs per MiB at both ends. */
interface Taken {
  readonly rate: number
  readonly senderCpu: number
  readonly receiverCpu: number
}

export const measureThroughput: Measure<ThroughputResult> = async (options) =>
  throughputSection(await runThroughput(options.quick ? QUICK_PLAN : FULL_PLAN, options))

/** @throws TrefoilError ERR_INTERNAL when an end fails, and the reason of `signal` */
export async function runThroughput(
  plan: ThroughputPlan,
  { signal, onProgress }: Omit<MeasureOptions, 'quick'> = {},
): Promise<ThroughputResult> {
  const credentials = makeCredentials()
  return withProcesses(signal, async (start) => {
    const pairs = await Promise.all(STACKS.map((stack) => openPair(start, stack, credentials)))
    for (const pair of pairs) {
      onProgress?.(`throughput: warming up ${pair.stack}`)
      await warmUp(pair, plan.warmUp)
    }
    const cells = pairs.flatMap((pair) => plan.writeSizes.map((writeSize) => ({ pair, writeSize })))
    const writes: number[] = []
    for (const { pair, writeSize } of cells) {
      onProgress?.(`throughput: trying ${pair.stack}, writes of ${writeSize} octets`)
      writes.push(await writesFor(pair, writeSize, plan.seconds))
    }
    const taken: Taken[][] = cells.map(() => [])
    for (let round = 0; round < plan.rounds; round++) {
      onProgress?.(`throughput: round ${round + 1} of ${plan.rounds}`)
      for (const writeSize of plan.writeSizes) {
        for (const [i, cell] of cells.entries()) {
          if (cell.writeSize === writeSize) taken[i]?.push(await transfer(cell.pair, writeSize, writes[i] ?? 1))
        }
      }
    }
    return resultOf(
      plan,
      credentials,
      cells.map(({ pair, writeSize }, i) => ({ stack: pair.stack, writeSize, taken: taken[i] ?? [] })),
    )
  })
}

interface Pair {
  readonly stack: Stack
  readonly sender: AskedProcess<TransferQuestions>
  readonly receiver: AskedProcess<TransferQuestions>
}

async function openPair(start: StartProcess, stack: Stack, credentials: Credentials): Promise<Pair> {
  const settings: StackSettings = { stack, profile: CERTIFICATE_PROFILE, credentials }
  const receiver = start<TransferQuestions>({ program: PROGRAM, name: `the receiver (${stack})` })
  const sender = start<TransferQuestions>({ program: PROGRAM, name: `the sender (${stack})` })
  const { port } = await receiver.ask('listen', settings)
  await sender.ask('connect', { settings, port })
  return { stack, sender, receiver }
}

async function warmUp(pair: Pair, seconds: number): Promise<void> {
  const sizes = [KIB, 16 * KIB, 64 * KIB]
  for (const end = performance.now() + seconds * 1000; performance.now() < end; ) {
    for (const writeSize of sizes) await transfer(pair, writeSize, 100)
  }
}

/** Finds how many writes of this size take so long. */
async function writesFor(pair: Pair, writeSize: number, seconds: number): Promise<number> {
  let writes = Math.max(4, Math.ceil((64 * KIB) / writeSize))
  for (;;) {
    const { rate } = await transfer(pair, writeSize, writes)
    const wanted = Math.max(1, Math.round((rate * MIB * seconds) / writeSize))
    // Three times at most from one to the next: what is fast may not have been compiled yet.
    if (wanted <= writes * 3) return wanted
    writes *= 3
  }
}

async function transfer({ sender, receiver }: Pair, writeSize: number, writes: number): Promise<Taken> {
  const mebibytes = (writeSize * writes) / MIB
  await receiver.ask('expect', { octets: writeSize * writes })
  const sent = await sender.ask('send', { writeSize, writes })
  const receiverCpu = await receiver.ask('received', null)
  return {
    rate: mebibytes / sent.seconds,
    senderCpu: sent.cpuMicroseconds / mebibytes,
    receiverCpu: receiverCpu / mebibytes,
  }
}

interface CellTaken {
  readonly stack: Stack
  readonly writeSize: number
  readonly taken: readonly Taken[]
}

function resultOf(plan: ThroughputPlan, credentials: Credentials, cells: readonly CellTaken[]): ThroughputResult {
  const find = (stack: Stack, writeSize: number) =>
    cells.find((cell) => cell.stack === stack && cell.writeSize === writeSize)?.taken ?? []
  const rates = (stack: Stack, writeSize: number) => find(stack, writeSize).map(({ rate }) => rate)
  const ratio = (writeSize: number, peer: Stack): Spread => ratioOf(rates('trefoil', writeSize), rates(peer, writeSize))
  const { suite, group } = CERTIFICATE_PROFILE
  return {
    suite,
    group,
    certificate: credentials.algorithm,
    rounds: plan.rounds,
    cells: cells.map(
      ({ stack, writeSize, taken }): ThroughputCell => ({
        stack,
        writeSize,
        mebibytesPerSecond: spreadOf(taken.map(({ rate }) => rate)),
        senderCpuPerMebibyte: spreadOf(taken.map(({ senderCpu }) => senderCpu)),
        receiverCpuPerMebibyte: spreadOf(taken.map(({ receiverCpu }) => receiverCpu)),
      }),
    ),
    byWriteSize: plan.writeSizes.map((writeSize) => ({
      writeSize,
      nodeTls: ratio(writeSize, 'node-tls'),
      tcp: ratio(writeSize, 'tcp'),
    })),
    ratios: { 'bulk-16k': { nodeTls: plan.writeSizes.includes(16 * KIB) ? ratio(16 * KIB, 'node-tls').median : null } },
  }
}
