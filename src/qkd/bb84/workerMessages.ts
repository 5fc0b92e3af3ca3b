/** What the link and its worker thread say to each other. */
import type { BlockResult, EngineOptions, Stage } from './engine.js'

/** Given to the thread when it starts. */
export type WorkerOptions = EngineOptions

export type ToWorker =
  /** Make one block. */
  { readonly kind: 'run' } | { readonly kind: 'eavesdropping'; readonly fraction: number }

export type FromWorker =
  | { readonly kind: 'stage'; readonly stage: Stage }
  | ({ readonly kind: 'block'; readonly isExhausted: boolean } & BlockResult)
