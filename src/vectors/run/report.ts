/** What a run found. */

/** One file by one provider, or one file that was not run at all. */
export interface VectorRun {
  /** As it was found below the path that was named. */
  readonly path: string
  /** Null when the file was not recognised. */
  readonly format: string | null
  readonly provider: string | null
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** Why cases were skipped, and how many for each reason; the counts add up to `skipped`. */
  readonly skips: readonly VectorSkip[]
  readonly failures: readonly VectorFailure[]
  readonly milliseconds: number
}

export interface VectorSkip {
  readonly reason: string
  readonly count: number
}

export interface VectorFailure {
  /** As the file names it; null when the file as a whole is at fault. */
  readonly case: string | null
  /** What is wrong. */
  readonly message: string
  /** In hex where they are octets. */
  readonly expected?: string
  readonly actual?: string
}

export interface VectorReport {
  /** How many files were read. */
  readonly files: number
  /** Cases, counted once for each provider. */
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly runs: readonly VectorRun[]
  /** Paths below which no case was run. */
  readonly withoutVectors: readonly PathWithoutVectors[]
}

export interface PathWithoutVectors {
  readonly path: string
  readonly reason: string
  /** There is no file and no folder of this name. */
  readonly missing: boolean
}

/** Whether nothing failed, and every path that was named had something to run. */
export function vectorsHold({ failed, withoutVectors }: VectorReport): boolean {
  return failed === 0 && withoutVectors.length === 0
}
