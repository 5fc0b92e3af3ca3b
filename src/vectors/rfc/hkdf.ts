/** RFC 5869 appendix A: HKDF, step by step. */
import type { HashAlgorithm } from '../../crypto/provider.js'
import { expand, hkdfExtract } from '../../tls/hkdf.js'
import { Fields, isObject, type JsonObject, listOf, objectsIn, testId } from '../check/fields.js'
import { expectHex, outcomeOf, skip } from '../check/outcome.js'
import type { VectorFormat } from '../format.js'

const HASHES: readonly HashAlgorithm[] = ['SHA-256', 'SHA-384']

export const rfc5869: VectorFormat = {
  name: 'RFC 5869 HKDF',
  recognises(document) {
    const tests = isObject(document) ? objectsIn(document['tests']) : []
    return tests.length > 0 && tests.every((test) => 'IKM' in test && 'OKM' in test)
  },
  cases: (document) =>
    listOf(document as JsonObject, 'tests').map((test, index) => ({
      id: testId(test, index),
      run: (provider) =>
        outcomeOf(() => {
          const fields = new Fields(test)
          const hash = HASHES.find((name) => name === fields.text('hash'))
          if (hash === undefined) skip(`${fields.text('hash')}, which no cipher suite of TLS 1.3 has`)
          const key = hkdfExtract(
            provider,
            hash,
            fields.optionalOctets('salt') ?? new Uint8Array(0),
            fields.octets('IKM'),
          )
          if (fields.has('PRK')) expectHex('PRK', key, fields.text('PRK'))
          const okm = expand(provider.hmacKey(hash, key), hash, fields.octets('info'), fields.number('L'))
          expectHex('OKM', okm, fields.text('OKM'))
        }),
    })),
}
