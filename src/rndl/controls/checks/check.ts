/** What may be found wrong with endpoints. Every check runs on every control, and on the sound endpoints. */
import type { Evidence } from '../evidence.js'

export type CheckName =
  | 'graph'
  | 'adversary'
  | 'unexplained input'
  | 'nonce reuse'
  | 'shared key'
  | 'known plaintext'
  | 'shifted boundary'
  | 'key_ID binding'
  | 'session separation'
  | 'search'

export interface Check {
  readonly name: CheckName
  /** What it found, in a sentence that begins in lower case; null: nothing. */
  find(evidence: Evidence): string | null
}
