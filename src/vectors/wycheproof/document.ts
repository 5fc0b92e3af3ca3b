/** The layout that Wycheproof's files have in common: groups of a type, cases with a verdict. */
import type { Feature } from '../../crypto/node/features.js'
import type { CryptoProvider } from '../../crypto/provider.js'
import { Fields, groupedTests, isObject, type JsonObject, objectsIn } from '../check/fields.js'
import { nativeOf } from '../check/native.js'
import { expectThat, outcomeOf } from '../check/outcome.js'
import type { VectorCase, VectorFormat } from '../format.js'

interface WycheproofFormat {
  /** As in the report: "ML-KEM decapsulation". */
  readonly what: string
  /** The `type` of the groups. */
  readonly type: string
  /** The `algorithm` of the document, where the type serves several. */
  readonly algorithm?: RegExp
  native?(test: WycheproofTest): Feature | null | undefined
  check(test: WycheproofTest, provider: CryptoProvider): void
}

export interface WycheproofTest {
  readonly fields: Fields
  /** Of the document: "ML-DSA-44", "HMACSHA256". */
  readonly algorithm: string
  /** May be either for 'acceptable'. */
  readonly result: 'valid' | 'invalid' | 'acceptable'
  readonly flags: readonly string[]
}

export function wycheproofFormat(format: WycheproofFormat): VectorFormat {
  return {
    name: `Wycheproof ${format.what}`,
    recognises: (document) => isObject(document) && isOfType(document, format),
    cases: (document) =>
      groupedTests(document as JsonObject).map(
        ({ id, fields }): VectorCase => ({
          id,
          ...nativeOf(() => format.native?.(readTest(document as JsonObject, fields))),
          run: (provider) => outcomeOf(() => format.check(readTest(document as JsonObject, fields), provider)),
        }),
      ),
  }
}

function isOfType(document: JsonObject, { type, algorithm = /(?:)/ }: WycheproofFormat): boolean {
  const groups = objectsIn(document['testGroups'])
  if (groups.length === 0 || !groups.every((group) => group['type'] === type)) return false
  return typeof document['algorithm'] === 'string' && algorithm.test(document['algorithm'])
}

function readTest(document: JsonObject, fields: Fields): WycheproofTest {
  const result = fields.text('result')
  if (result !== 'valid' && result !== 'invalid' && result !== 'acceptable') {
    throw new Error(`the result ${result} is none of valid, invalid and acceptable`)
  }
  return { fields, algorithm: new Fields(document).text('algorithm'), result, flags: fields.texts('flags') }
}

/** The verdict on something that is accepted or refused and no more. */
export function expectVerdict({ result, fields }: WycheproofTest, accepted: boolean): void {
  if (result === 'acceptable') return
  expectThat(accepted === (result === 'valid'), `${accepted ? 'accepted' : 'refused'}${commentOf(fields)}`)
}

/**
 * The verdict on something that gives an answer: `step` makes the checks of what it gives, and `refused` tells a refusal by
 * its code from a mere difference.
 */
export function expectAnswer(test: WycheproofTest, refused: (thrown: unknown) => boolean, step: () => void): void {
  try {
    step()
  } catch (thrown) {
    if (test.result !== 'valid' && refused(thrown)) return
    throw thrown
  }
  expectThat(test.result !== 'invalid', `accepted${commentOf(test.fields)}`)
}

function commentOf(fields: Fields): string {
  const comment = fields.optionalText('comment') ?? ''
  return `, which it must not be${comment === '' ? '' : `: ${comment}`}`
}
