/** The network between the two ends, as the model knows it. docs/cost-network.md states the model. */

/** Times in ms. */
export interface NetworkPath {
  readonly roundTripTime: number
  /** The share of segments that get lost, each by itself, in either direction: 0 to below 1. */
  readonly loss: number
  /** Segments that an end may send before anything is acknowledged (RFC 6928: 10). */
  readonly initialWindow: number
}

/** Octets of payload in a full segment: 1,500 less the headers of IPv4 and TCP without options. */
export const SEGMENT_SIZE = 1460

/** RFC 6298 2.1: before any round trip is measured. */
export const INITIAL_TIMEOUT = 1000

/** RFC 6298 asks for 1,000 ms at least; what is in use, Linux among them, waits 200. */
export const MINIMUM_TIMEOUT = 200

/** RFC 6298 2.2, after the one round trip of the TCP handshake: SRTT + 4 RTTVAR, which is half of it. */
export function retransmissionTimeout({ roundTripTime }: NetworkPath): number {
  return Math.max(MINIMUM_TIMEOUT, 3 * roundTripTime)
}
