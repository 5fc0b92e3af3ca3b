/**
 * Whoever knows what one record says and has only the tape: where a keystream was used twice, the XOR of two records is
 * that of their contents (AES-GCM and ChaCha20-Poly1305 encrypt by XOR, RFC 5116 5.1.1).
 */
import type { RecordedRun } from '../../model.js'
import type { Check } from './check.js'

const TAG_LENGTH = 16
/** Octets of another record that nobody guesses. */
const ENOUGH = 16

export const knownPlaintext: Check = {
  name: 'known plaintext',
  find({ first }) {
    const records = recordsOf(first)
    for (const known of records) {
      for (const other of records) {
        if (known !== other && isGivenAway(known, other)) {
          return `with what one record says and no leak, ${common(known, other)} octets of another were read`
        }
      }
    }
    return null
  },
}

interface SealedRecord {
  readonly ciphertext: Buffer
  /** Of the first record what the adversary knows; of the second what he should not find out. */
  readonly content: Buffer
}

function isGivenAway(known: SealedRecord, other: SealedRecord): boolean {
  const length = common(known, other)
  if (length < ENOUGH) return false
  for (let i = 0; i < length; i++) {
    const keystream = at(known.ciphertext, i) ^ at(known.content, i)
    if ((at(other.ciphertext, i) ^ keystream) !== at(other.content, i)) return false
  }
  return true
}

function common(a: SealedRecord, b: SealedRecord): number {
  return Math.min(a.content.length, b.content.length)
}

const at = (octets: Buffer, index: number): number => octets[index] ?? 0

/** Each once: both ends have it in the trace. */
function recordsOf({ trace }: RecordedRun): SealedRecord[] {
  const records = new Map<string, SealedRecord>()
  for (const step of trace) {
    if (step.kind !== 'seal' || records.has(step.sealed)) continue
    const [sealed, content] = [Buffer.from(step.sealed, 'hex'), Buffer.from(step.content, 'hex')]
    records.set(step.sealed, { ciphertext: sealed.subarray(0, -TAG_LENGTH), content })
  }
  return [...records.values()]
}
