/**
 * How long a connection takes over networks that are not at hand: measured flights, played over a model of TCP. The model
 * is a function of its inputs and its seed; docs/cost-network.md states it.
 */
import type { MeasureOptions, Section } from '../report/sections.js'
import { exchange, type Payload, type Times } from './exchange.js'
import { Fates } from './losses.js'
import { CLASSICAL, type ModeFlights, withRetry } from './modes.js'
import type { NetworkPath } from './path.js'
import type { NetworkCell, NetworkResult, TimeSpread } from './result.js'
import { networkSection } from './section.js'

export interface NetworkGrid {
  readonly roundTripTimes: readonly number[]
  readonly losses: readonly number[]
  readonly initialWindows: readonly number[]
  /** Those at which losses are looked at. */
  readonly windowsWithLoss: readonly number[]
  /** The window at which HelloRetryRequest is looked at. */
  readonly usualWindow: number
  readonly payload: Payload
  /** Connections played for each cell that has losses. */
  readonly trials: number
  readonly seed: number
}

export const FULL_GRID: NetworkGrid = {
  roundTripTimes: [1, 10, 50, 100, 300],
  losses: [0, 0.001, 0.01, 0.03],
  initialWindows: [4, 10, 20, 32],
  windowsWithLoss: [4, 10, 20, 32],
  usualWindow: 10,
  payload: { request: 200, response: 16 * 1024 },
  trials: 4000,
  seed: 14,
}
export const QUICK_GRID: NetworkGrid = { ...FULL_GRID, windowsWithLoss: [10], trials: 1000 }

/** @param modes as measured; the classical handshake to compare with is added unless it is among them */
export async function modelNetwork(
  options: MeasureOptions,
  modes: readonly ModeFlights[],
): Promise<Section<NetworkResult>> {
  return networkSection(await runNetwork(options.quick ? QUICK_GRID : FULL_GRID, modes, options))
}

/** @throws the reason of `signal` */
export async function runNetwork(
  grid: NetworkGrid,
  modes: readonly ModeFlights[],
  { signal, onProgress }: Omit<MeasureOptions, 'quick'> = {},
): Promise<NetworkResult> {
  const all = modes.some(({ mode }) => mode === CLASSICAL.mode) ? modes : [...modes, CLASSICAL]
  const fates = Array.from({ length: grid.trials }, (_, trial) => new Fates(grid.seed, trial))
  const cells: NetworkCell[] = []
  for (const mode of all) {
    onProgress?.(`network: ${mode.mode}`)
    // A turn of the loop for whoever wants to stop it.
    await new Promise(setImmediate)
    signal?.throwIfAborted()
    cells.push(...cellsOf(mode, false, grid, fates), ...cellsOf(withRetry(mode), true, grid, fates))
  }
  const { payload, usualWindow, trials, seed } = grid
  return { payload, usualWindow, trials, seed, modes: all, cells }
}

function cellsOf(mode: ModeFlights, retry: boolean, grid: NetworkGrid, fates: readonly Fates[]): NetworkCell[] {
  return grid.losses.flatMap((loss) => {
    const windows = loss === 0 ? grid.initialWindows : grid.windowsWithLoss
    return windows
      .filter((window) => !retry || window === grid.usualWindow)
      .flatMap((initialWindow) =>
        grid.roundTripTimes.map((roundTripTime) => {
          const path = { roundTripTime, loss, initialWindow }
          return { mode: mode.mode, retry, ...path, ...play(mode, path, grid.payload, fates) }
        }),
      )
  })
}

/** One connection where nothing can happen by chance, else as many as there are fates. */
export function play(
  mode: ModeFlights,
  path: NetworkPath,
  payload: Payload,
  fates: readonly Fates[],
): Readonly<Record<keyof Times, TimeSpread>> {
  const segments: number[] = []
  const clean = exchange(mode, path, payload, (flight, segment) => {
    segments[flight] = segment + 1
    return 0
  })
  const playOne = (fate: Fates) =>
    // Most connections lose nothing, and are all alike.
    fate.spares(segments, path.loss) ? clean : exchange(mode, path, payload, fate.losses(path.loss))
  const played = path.loss === 0 ? [clean] : fates.map(playOne)
  const spread = (name: keyof Times) => spreadOf(Float64Array.from(played, (times) => times[name]))
  return { handshake: spread('handshake'), firstByte: spread('firstByte'), lastByte: spread('lastByte') }
}

function spreadOf(times: Float64Array): TimeSpread {
  times.sort()
  // The least time that so many of a hundred connections do not exceed.
  const percentile = (share: number) => times[Math.max(0, Math.ceil(times.length * share) - 1)] ?? Number.NaN
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length
  return { mean: tenths(mean), p50: tenths(percentile(0.5)), p99: tenths(percentile(0.99)) }
}

function tenths(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10
}
