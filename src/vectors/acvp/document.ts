/**
 * The layout that NIST's ACVP files have in common. The server of NIST keeps questions (prompt.json) and answers
 * (expectedResults.json) apart, with both in internalProjection.json; others publish the two joined.
 */
import type { Feature } from '../../crypto/node/features.js'
import type { CryptoProvider } from '../../crypto/provider.js'
import { type Fields, groupedTests, isObject, type JsonObject, objectsIn } from '../check/fields.js'
import { nativeOf } from '../check/native.js'
import { outcomeOf, skip } from '../check/outcome.js'
import type { VectorCase, VectorFormat } from '../format.js'

interface AcvpFormat {
  /** As the files name them, in either case. */
  readonly algorithm: string
  readonly mode: string
  /** The fields that hold what must come out. A case that has none of them is a mere question. */
  readonly answers: readonly string[]
  /** The fields that must be computed from, one of them at least. A case that has none is a mere answer. */
  readonly questions: readonly string[]
  native?(fields: Fields): Feature | null | undefined
  check(fields: Fields, provider: CryptoProvider): void
}

export function acvpFormat(format: AcvpFormat): VectorFormat {
  const { algorithm, mode } = format
  return {
    name: `ACVP ${algorithm} ${mode}`,
    recognises(document) {
      const set = unwrap(document)
      return Array.isArray(set?.['testGroups']) && isSame(set['algorithm'], algorithm) && isSame(set['mode'], mode)
    },
    cases: (document) =>
      groupedTests(unwrap(document) ?? {}).map(({ id, fields }): VectorCase => {
        return {
          id,
          ...nativeOf(() => (isWhole(format, fields) ? format.native?.(fields) : undefined)),
          run: (provider) =>
            outcomeOf(() => {
              if (!hasAny(fields, format.answers)) skip(ONLY_QUESTION)
              if (!hasAny(fields, format.questions)) skip(ONLY_ANSWER)
              format.check(fields, provider)
            }),
        }
      }),
  }
}

const ONLY_QUESTION =
  'a prompt without its answers: those are in expectedResults.json, and in internalProjection.json together with it'
const ONLY_ANSWER = 'answers without their prompt: both together are in internalProjection.json'

function isWhole({ answers, questions }: AcvpFormat, fields: Fields): boolean {
  return hasAny(fields, answers) && hasAny(fields, questions)
}

function hasAny(fields: Fields, names: readonly string[]): boolean {
  return names.some((name) => fields.has(name))
}

/** As sent by the protocol, the vector set stands behind an object with its version. */
function unwrap(document: unknown): JsonObject | undefined {
  if (isObject(document)) return document
  return objectsIn(document).find((member) => 'testGroups' in member)
}

function isSame(found: unknown, wanted: string): boolean {
  return typeof found === 'string' && found.toLowerCase() === wanted.toLowerCase()
}
