/** What an end of a scenario has to tell when the play is over. Plain JSON. */
import type { Protection } from '../../node/protection.js'
import type { Hex, Trace } from '../trace/trace.js'

export interface EndFacts {
  readonly connections: readonly ConnectionFacts[]
  readonly trace: Trace
}

export interface ConnectionFacts {
  readonly name: string
  readonly protection: Protection
  /** DER, of the peer's leaf; null when it showed none. */
  readonly peerCertificate: Hex | null
  /** Keying material, as EXPORTER asks for it. */
  readonly exported: Hex
  /** Lines of RFC 9850, without their ends. */
  readonly keyLog: readonly string[]
  /** What the client kept, in the order in which the tickets came; a server has none. */
  readonly sessions: readonly KeptSession[]
}

export interface KeptSession {
  readonly ticket: Hex
  readonly resumptionPsk: Hex
  readonly hash: 'sha256' | 'sha384'
}
