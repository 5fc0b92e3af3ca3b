/** RFC 8439 sections 2.8.2 and A.5: ChaCha20-Poly1305. */
import { concat, EMPTY } from '../../bytes.js'
import { Fields, isObject, type JsonObject, listOf, objectsIn, testId } from '../check/fields.js'
import { outcomeOf } from '../check/outcome.js'
import type { VectorFormat } from '../format.js'
import { checkAead } from '../primitives/aead.js'

export const rfc8439: VectorFormat = {
  name: 'RFC 8439 ChaCha20-Poly1305',
  recognises(document) {
    if (!isObject(document)) return false
    // AES-256-GCM would look the same: the document must say which AEAD it is about.
    const said = [document['source'], document['title'], document['algorithm']].filter(
      (text) => typeof text === 'string',
    )
    if (!/RFC\s?(?:8439|7539)|chacha20/i.test(said.join(' '))) return false
    const tests = objectsIn(document['tests'])
    return tests.length > 0 && tests.every((test) => 'key' in test && 'nonce' in test && 'ct' in test && 'tag' in test)
  },
  cases: (document) =>
    listOf(document as JsonObject, 'tests').map((test, index) => ({
      id: testId(test, index),
      run: (provider) =>
        outcomeOf(() => {
          const fields = new Fields(test)
          checkAead(provider, 'CHACHA20-POLY1305', {
            key: fields.octets('key'),
            nonce: fields.octets('nonce'),
            aad: fields.optionalOctets('aad') ?? EMPTY,
            message: fields.octets('msg'),
            sealed: concat(fields.octets('ct'), fields.octets('tag')),
          })
        }),
    })),
}
