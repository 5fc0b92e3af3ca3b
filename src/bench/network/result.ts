/** What the model of the network comes to. Plain JSON; times in ms. */
import type { Payload } from './exchange.js'
import type { ModeFlights } from './modes.js'
import type { NetworkPath } from './path.js'

export interface TimeSpread {
  readonly mean: number
  readonly p50: number
  readonly p99: number
}

export interface NetworkCell extends NetworkPath {
  readonly mode: string
  /** With a HelloRetryRequest in front. */
  readonly retry: boolean
  /** Until the client may send its request. */
  readonly handshake: TimeSpread
  /** Until the first octet of the answer has come. */
  readonly firstByte: TimeSpread
  readonly lastByte: TimeSpread
}

export interface NetworkResult {
  readonly payload: Payload
  /** The initial window of the tables where none is named. */
  readonly usualWindow: number
  readonly trials: number
  readonly seed: number
  readonly modes: readonly ModeFlights[]
  readonly cells: readonly NetworkCell[]
}
