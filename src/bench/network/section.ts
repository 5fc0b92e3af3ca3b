/** The model of the network as tables and plots. */
import { rounded } from '../report/figures.js'
import type { Plot, Section, Table } from '../report/sections.js'
import { CLASSICAL_MODE } from './modes.js'
import { SEGMENT_SIZE } from './path.js'
import type { NetworkCell, NetworkResult } from './result.js'

/** ms of the path that stands for many: from one end of a continent to the other. */
const USUAL_ROUND_TRIP = 50

const WIDER =
  ' A large handshake has opened the congestion window before the answer comes, which can save that a round trip ' +
  '(docs/cost-network.md).'

export function networkSection(result: NetworkResult): Section<NetworkResult> {
  const { modes, usualWindow } = result
  const view = new View(result)
  return {
    name: 'network',
    result,
    tables: [flightTable(result), ...roundTripTables(result, view), lossTable(result, view), windowTable(result, view)],
    plots: [
      linePlot(
        `Time to the last byte, initial window ${usualWindow}, no loss`,
        'round trip, ms',
        modes.map(({ mode }) => ({ name: mode, cells: view.cells({ mode, loss: 0, initialWindow: usualWindow }) })),
        ({ roundTripTime }) => roundTripTime,
      ),
      linePlot(
        `Mean time to the last byte by loss, round trip ${USUAL_ROUND_TRIP} ms, initial window ${usualWindow}`,
        'loss, %',
        modes.map(({ mode }) => ({
          name: mode,
          cells: view.cells({ mode, roundTripTime: USUAL_ROUND_TRIP, initialWindow: usualWindow }),
        })),
        ({ loss }) => loss * 100,
      ),
      {
        title: `Time to the last byte by initial window, round trip ${USUAL_ROUND_TRIP} ms, no loss`,
        kind: 'bars',
        xLabel: 'initial window, segments',
        yLabel: 'ms',
        series: modes.map(({ mode }) => ({
          name: mode,
          points: view
            .cells({ mode, loss: 0, roundTripTime: USUAL_ROUND_TRIP })
            .map((cell) => [String(cell.initialWindow), cell.lastByte.mean] as const),
        })),
      },
    ],
  }
}

/** Finds cells again. */
class View {
  readonly #cells: readonly NetworkCell[]

  constructor({ cells }: NetworkResult) {
    this.#cells = cells
  }

  cells(wanted: Partial<NetworkCell>): readonly NetworkCell[] {
    const sought = Object.entries({ retry: false, ...wanted }) as [keyof NetworkCell, unknown][]
    return this.#cells.filter((cell) => sought.every(([name, value]) => cell[name] === value))
  }

  values<Name extends keyof NetworkCell>(name: Name): NetworkCell[Name][] {
    return [...new Set(this.#cells.map((cell) => cell[name]))]
  }
}

function flightTable({ modes, payload }: NetworkResult): Table {
  const octets = ({ flights }: NetworkResult['modes'][number]) =>
    flights.map(({ from, bytes }) => `${from === 'client' ? '→' : '←'} ${bytes}`).join('  ')
  return {
    title: 'Flights that the network model is made of',
    note:
      `Octets on the wire, → from the client and ← from the server, and full segments of ${SEGMENT_SIZE} octets of the largest ` +
      `flight. The request of ${payload.request} octets goes out with the client's last flight.`,
    columns: ['handshake', 'flights', 'segments of the largest', 'CPU of both ends ms'],
    rows: modes.map((mode) => [
      mode.mode,
      octets(mode),
      Math.max(...mode.flights.map(({ bytes }) => Math.ceil(bytes / SEGMENT_SIZE))),
      rounded(mode.flights.reduce((sum, { cpuMicroseconds }) => sum + cpuMicroseconds, 0) / 1000, 2),
    ]),
  }
}

function roundTripTables({ modes, usualWindow, payload }: NetworkResult, view: View): Table[] {
  const usual = { loss: 0, initialWindow: usualWindow }
  const table = (what: 'handshake' | 'firstByte' | 'lastByte', title: string, retry: boolean): Table => ({
    title,
    note:
      `ms since the first SYN, no loss, initial window ${usualWindow}. In brackets: more than ${CLASSICAL_MODE}.` +
      (what === 'lastByte' ? WIDER : ''),
    columns: ['handshake', ...view.values('roundTripTime').map((time) => `RTT ${time} ms`)],
    rows: modes.map(({ mode }) => [
      mode,
      ...view.cells({ ...usual, mode, retry }).map((cell) => {
        const { roundTripTime } = cell
        const [classical] = view.cells({ ...usual, mode: CLASSICAL_MODE, retry, roundTripTime })
        const time = cell[what].mean
        return classical === undefined ? time : `${time} (${signed(time - classical[what].mean)})`
      }),
    ]),
  })
  return [
    table('handshake', 'Time to the end of the handshake', false),
    table('firstByte', `Time to the first byte of an answer of ${payload.response} octets`, false),
    table('lastByte', `Time to the last byte of an answer of ${payload.response} octets`, false),
    table('lastByte', 'Time to the last byte after a HelloRetryRequest', true),
  ]
}

function lossTable({ modes, usualWindow, trials }: NetworkResult, view: View): Table {
  return {
    title: 'Time to the last byte by loss',
    note:
      `ms since the first SYN, round trip ${USUAL_ROUND_TRIP} ms, initial window ${usualWindow}: mean, and in brackets what ` +
      `99 of 100 connections do not exceed; ${trials} connections each, the same losses for all modes.`,
    columns: ['handshake', ...view.values('loss').map((loss) => `loss ${rounded(loss * 100, 2)} %`)],
    rows: modes.map(({ mode }) => [
      mode,
      ...view
        .cells({ mode, roundTripTime: USUAL_ROUND_TRIP, initialWindow: usualWindow })
        .map(({ lastByte }) => `${lastByte.mean} (${lastByte.p99})`),
    ]),
  }
}

function windowTable({ modes }: NetworkResult, view: View): Table {
  return {
    title: 'Time to the last byte by initial congestion window',
    note: `ms since the first SYN, round trip ${USUAL_ROUND_TRIP} ms, no loss; the window is in segments.${WIDER}`,
    columns: ['handshake', ...view.values('initialWindow').map((window) => `window ${window}`)],
    rows: modes.map(({ mode }) => [
      mode,
      ...view.cells({ mode, loss: 0, roundTripTime: USUAL_ROUND_TRIP }).map(({ lastByte }) => lastByte.mean),
    ]),
  }
}

function linePlot(
  title: string,
  xLabel: string,
  lines: readonly { readonly name: string; readonly cells: readonly NetworkCell[] }[],
  x: (cell: NetworkCell) => number,
): Plot {
  return {
    title,
    kind: 'lines',
    xLabel,
    yLabel: 'ms',
    series: lines.map(({ name, cells }) => ({ name, points: cells.map((cell) => [x(cell), cell.lastByte.mean]) })),
  }
}

function signed(milliseconds: number): string {
  return `${milliseconds < 0 ? '−' : '+'}${rounded(Math.abs(milliseconds), 1)}`
}
