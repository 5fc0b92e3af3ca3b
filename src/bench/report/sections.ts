/** What a measurement hands to the reports: tables and plots of plain data. */
export interface Table {
  readonly title: string
  /** What was measured and how, in a sentence or two. */
  readonly note: string
  /** With units: "client CPU µs". */
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | number | null)[])[]
}

export interface Plot {
  readonly title: string
  readonly kind: 'bars' | 'lines'
  readonly xLabel: string
  readonly yLabel: string
  readonly logX?: boolean
  readonly logY?: boolean
  readonly series: readonly {
    readonly name: string
    readonly points: readonly (readonly [x: number | string, y: number])[]
  }[]
}

export interface Section<Result = unknown> {
  readonly name: string
  /** Plain JSON. */
  readonly result: Result
  readonly tables: readonly Table[]
  readonly plots: readonly Plot[]
}

/** `quick`: all sections together under a minute. */
export interface MeasureOptions {
  readonly quick: boolean
  readonly signal?: AbortSignal
  /** What is being measured now, for a terminal. */
  onProgress?(what: string): void
}
/** Each part of the bench. */
export type Measure<Result = unknown> = (options: MeasureOptions) => Promise<Section<Result>>
