/** What the measurement of throughput comes to. Plain JSON. */
import type { Stack } from '../stacks/settings.js'
import type { Spread } from '../statistics.js'

export interface ThroughputResult {
  readonly suite: string
  readonly group: string
  /** Algorithm of the certificates. */
  readonly certificate: string
  readonly rounds: number
  readonly cells: readonly ThroughputCell[]
  /** Throughput of Trefoil as a multiple of theirs: the median over rounds, each round by itself. */
  readonly byWriteSize: readonly { readonly writeSize: number; readonly nodeTls: number; readonly tcp: number }[]
  readonly ratios: { readonly 'bulk-16k': { readonly nodeTls: number | null } }
}

export interface ThroughputCell {
  readonly stack: Stack
  /** Octets. */
  readonly writeSize: number
  readonly mebibytesPerSecond: Spread
  /** CPU µs, user and system, of the process. */
  readonly senderCpuPerMebibyte: Spread
  readonly receiverCpuPerMebibyte: Spread
}
