/** What somebody who taps the wire has: octets, their direction, and when they passed. */

export type Direction = 'client' | 'server'

export interface TapedSegment {
  readonly from: Direction
  /** Since the connection began. */
  readonly milliseconds: number
  readonly octets: Uint8Array
}

/** One TCP connection. */
export interface TapedConnection {
  readonly name: string
  /** When it was made, in milliseconds since the epoch, where that is known. */
  readonly startedAt?: number
  readonly segments: readonly TapedSegment[]
}

/** Everything that one side sent, in one piece. */
export function sentBy({ segments }: TapedConnection, from: Direction): Buffer {
  return Buffer.concat(segments.filter((segment) => segment.from === from).map(({ octets }) => octets))
}
