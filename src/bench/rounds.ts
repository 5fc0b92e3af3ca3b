/**
 * Contestants measured in turn, round after round, in one process: whatever the machine does meanwhile, it does to all of
 * them. tinybench takes the time of each batch by a clock of ours, that of the processor.
 */
import { Bench, type TimestampProvider } from 'tinybench'
import { collectYoung } from './collector.js'

export interface Contestant {
  readonly name: string
  /** Operations in a round, at least one. */
  readonly batch: number
  /** All of a batch, one after the other. */
  run(batch: number): Promise<void>
  /** After each batch, outside the time that is taken: closing what it opened. */
  afterBatch?(): void | Promise<void>
}

export interface RoundsOptions {
  readonly rounds: number
  /** Batches of each contestant beforehand, not measured. */
  readonly warmUp: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Processor time of this process in all its threads, so that what the collector and the compiler do on others is counted,
 * and what other processes do is not.
 */
export function processorMicroseconds(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

export const PROCESSOR_CLOCK: TimestampProvider = {
  name: 'processor',
  fn: processorMicroseconds,
  toMs: (microseconds) => Number(microseconds) / 1000,
  fromMs: (milliseconds) => milliseconds * 1000,
}

/**
 * Microseconds of processor time for one operation, by contestant and round. Each begins when what the one before has
 * thrown away lately is collected, and ends with the collection of its own, which is counted.
 */
export type Rounds = ReadonlyMap<string, readonly number[]>

/** @throws whatever a contestant throws, and the signal's reason */
export async function measureRounds(contestants: readonly Contestant[], options: RoundsOptions): Promise<Rounds> {
  const { rounds, warmUp, signal } = options
  for (let i = 0; i < warmUp; i++) await round(contestants, signal)
  const measured = new Map<string, number[]>(contestants.map(({ name }) => [name, []]))
  for (let i = 0; i < rounds; i++) {
    // Each begins equally often right after each of the others.
    const order = contestants.map((_, place) => contestants[(place + i) % contestants.length] as Contestant)
    for (const [name, microseconds] of await round(order, signal)) measured.get(name)?.push(microseconds)
  }
  return measured
}

async function round(
  contestants: readonly Contestant[],
  signal: AbortSignal | undefined,
): Promise<Map<string, number>> {
  signal?.throwIfAborted()
  const bench = new Bench({ iterations: 1, time: 0, warmup: false, throws: true, timestampProvider: PROCESSOR_CLOCK })
  for (const contestant of contestants) {
    const work = async () => {
      await contestant.run(contestant.batch)
      collectYoung()
    }
    bench.add(contestant.name, work, {
      async: true,
      beforeEach: collectYoung,
      afterEach: () => contestant.afterBatch?.(),
    })
  }
  await bench.run()
  return new Map(contestants.map(({ name, batch }) => [name, microsecondsOf(bench, name) / batch]))
}

function microsecondsOf(bench: Bench, name: string): number {
  const result = bench.getTask(name)?.result
  if (result === undefined || !('latency' in result)) throw new Error(`${name} was not measured`)
  return result.latency.mean * 1000
}
