import type { Feature } from '../crypto/node/features.js'
import type { CryptoProvider } from '../crypto/provider.js'

/** One kind of known-answer file. */
export interface VectorFormat {
  /** For the report: "ACVP ML-KEM keyGen". */
  readonly name: string
  /** Whether this JSON document is of this kind, by its own contents and never by its file name. */
  recognises(document: unknown): boolean
  /** Its cases, in the order of the document. @throws Error when the document is malformed */
  cases(document: unknown): readonly VectorCase[]
}

export interface VectorCase {
  /** As the file names it: "tcId 12", "hello-retry-request as client". */
  readonly id: string
  /**
   * What Node must have for its provider to do this in its own way; null when it never does. Where the two providers are
   * one and the same code, the second is skipped. Absent: run with every provider.
   */
  readonly native?: Feature | null
  /** Null when it passes. */
  run(provider: CryptoProvider): VectorOutcome | Promise<VectorOutcome>
}

/** Passed, or why not run, or what differs. An error thrown by `run` is a failure too. */
export type VectorOutcome =
  | { readonly passed: true }
  | { readonly skipped: string }
  | { readonly failed: string; readonly expected?: string; readonly actual?: string }
