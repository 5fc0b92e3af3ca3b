/** What the measurement of throughput comes to. Plain JSON. */

import type { Spread } from '../spread.js'
import type { Stack } from '../stacks/settings.js'

export interface ThroughputResult {
  readonly suite: string
  readonly group: string
  /** Algorithm of the certificates. */
  readonly certificate: string
  readonly rounds: number
  readonly cells: readonly ThroughputCell[]
  /** Throughput of Trefoil as a multiple of theirs, round by round. */
  readonly byWriteSize: readonly { readonly writeSize: number; readonly nodeTls: Spread; readonly tcp: Spread }[]
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
