/** What the measurement of the event loop comes to. Plain JSON. */

/** By how much timers came late, in ms. */
export interface LoopDelay {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

export interface StormResult {
  /** Such as "certificate mldsa65". */
  readonly name: string
  readonly stack: 'trefoil' | 'node-tls'
  readonly handshakes: number
  readonly handshakesPerSecond: number
  readonly serverDelay: LoopDelay
  /** CPU µs of the server, all its threads, per handshake. */
  readonly serverCpuPerHandshake: number
  /** Longest time, in ms, that a handshake kept the loop from turning: one handshake at a time. */
  readonly serverStretch: Stretches
  readonly clientStretch: Stretches
}

export interface Stretches extends LoopDelay {
  /** Handshakes that held the loop for longer than 5 ms at a stretch. */
  readonly over5: number
  readonly handshakes: number
}

export interface EventLoopResult {
  /** Handshakes that went on at once. */
  readonly parallel: number
  readonly storms: readonly StormResult[]
}
