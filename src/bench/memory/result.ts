/** What the measurement of idle connections comes to. Plain JSON. */
import type { Stack } from '../stacks/settings.js'

/** Octets, of a process. */
export interface MemoryUse {
  /** All of it that is in main memory, that of libraries too: resident set size. */
  readonly rss: number
  /** heapUsed + external of process.memoryUsage(); buffers (arrayBuffers) are part of external. */
  readonly heapAndExternal: number
}

/** How much of the run was possible. */
export type IdlePoint = {
  readonly stack: Stack
  /** Connections that stand open. */
  readonly connections: number
} & (IdleMeasured | { readonly skipped: string })

export interface IdleMeasured {
  /** All that the process has. */
  readonly process: { readonly server: MemoryUse; readonly client: MemoryUse }
  /** Octets per connection, what the process had before the first one taken off: of a few connections it says nothing. */
  readonly server: MemoryUse
  readonly client: MemoryUse
  /** CPU µs of one more handshake, opened and closed while so many stand open. */
  readonly handshake: { readonly server: number; readonly client: number }
}

export interface MemoryResult {
  readonly suite: string
  readonly group: string
  /** Algorithm of the certificates. */
  readonly certificate: string
  readonly points: readonly IdlePoint[]
  readonly ratios: {
    /** Resident octets per connection, both ends, Trefoil's over node:tls's, at `connections`. */
    readonly 'memory-idle': { readonly nodeTls: number | null; readonly connections: number | null }
  }
  /** CPU of a handshake with the most connections open over that with the fewest, by stack. */
  readonly flatness: Readonly<Partial<Record<Stack, { readonly connections: number; readonly ratio: number }>>>
}
