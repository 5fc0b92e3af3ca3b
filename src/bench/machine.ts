/** Where the figures come from: a ratio is worth little, and a figure nothing, without it. */
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly platform: string
  readonly node: string
  readonly openssl: string
  readonly v8: string
  /** Of the minute before the start. */
  readonly loadAverage: number
  /** ISO 8601. */
  readonly startedAt: string
}

export function describeMachine(): Machine {
  const { node, openssl = 'unknown', v8 = 'unknown' } = process.versions
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    node,
    openssl,
    v8,
    loadAverage: Math.round((loadavg()[0] ?? 0) * 100) / 100,
    startedAt: new Date().toISOString(),
  }
}

/** More than this for each core before we start, and something else is at work. */
const BUSY = 0.25

/** Null on a quiet machine. */
export function busyWarning({ loadAverage, cores }: Machine): string | null {
  if (loadAverage <= BUSY * cores) return null
  return (
    `the machine is busy (load average ${loadAverage} on ${cores} cores): ` +
    'ratios still say something, since everything is measured in turn, microseconds less'
  )
}
