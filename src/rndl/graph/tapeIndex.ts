/** What everybody has who taped the wire, to be looked up by its octets. */
import { type Direction, sentBy } from '../adversary/index.js'
import type { RecordedRun } from '../model.js'
import type { SealStep, TapedRecords } from './values.js'
import { octetsOf } from './values.js'
import { WINDOW, WindowIndex } from './windowIndex.js'

const DIRECTIONS: readonly Direction[] = ['client', 'server']

/** RFC 9846 5.2: application_data, legacy_record_version, a length. */
const RECORD_HEADER = /^170303.{4}$/

interface Stream extends TapedRecords {
  readonly octets: Buffer
}

export class TapeIndex {
  readonly #streams: readonly Stream[]
  readonly #index: WindowIndex

  constructor(run: Pick<RecordedRun, 'tape'>) {
    this.#streams = run.tape.flatMap((connection) =>
      DIRECTIONS.map((from) => ({ connection: connection.name, from, octets: sentBy(connection, from) })),
    )
    this.#index = new WindowIndex(this.#streams.map(({ octets }) => octets))
  }

  /** Tells of the stretches of `octets` that stand on the tape. */
  runs(octets: Uint8Array, found: (start: number, end: number) => void): void {
    this.#index.runs(octets, found)
  }

  /** Where the record stands that this step sealed or opened; null: it is a ticket, or was never sent. */
  locate({ additionalData, sealed }: SealStep): TapedRecords | null {
    if (!RECORD_HEADER.test(additionalData)) return null
    const record = octetsOf(additionalData + sealed)
    let place: TapedRecords | null = null
    const header = additionalData.length / 2
    this.#index.visit(record.subarray(header, header + WINDOW), (_, stream, offset) => {
      const { connection, from, octets } = this.#streams[stream] as Stream
      const start = offset - header
      if (start >= 0 && octets.subarray(start, start + record.length).equals(record)) place = { connection, from }
    })
    return place
  }

  /** The connection on whose tape most of the octets stand; null when none of them do. */
  connectionOf(octets: Uint8Array): string | null {
    const windows = new Map<string, number>()
    this.#index.visit(octets, (_, stream) => {
      const name = this.#streams[stream]?.connection ?? ''
      windows.set(name, (windows.get(name) ?? 0) + 1)
    })
    return [...windows].sort(([, a], [, b]) => b - a)[0]?.[0] ?? null
  }
}
