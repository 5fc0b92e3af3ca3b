/**
 * X-Wing (draft-connolly-cfrg-xwing-kem) and MLKEM768-X25519 of the CFRG: hybrid KEMs whose keys and ciphertexts are laid out as
 * the shares of X25519MLKEM768 are (RFC 10024), ML-KEM first. Both expand their seed to d ‖ z ‖ scalar. Their secret is a hash
 * over both of ours, and none of TLS; it is computed here so that both of ours are checked too.
 */
import { sha3_256, shake256 } from '@noble/hashes/sha3.js'
import { concat, utf8 } from '../../bytes.js'
import { NAMED_GROUPS } from '../../crypto/groups.js'
import { Fields, isObject, type JsonObject, objectsIn } from '../check/fields.js'
import { expectHex, outcomeOf, skip } from '../check/outcome.js'
import type { VectorFormat } from '../format.js'

const { clientShareLength, serverShareLength } = NAMED_GROUPS.X25519MLKEM768
const POINT_LENGTH = 32
/** Section 5.3 of the draft: the picture of an X-wing. */
const LABEL = utf8('\\.//^\\')

export const hybridKem: VectorFormat = {
  name: 'hybrid KEM: shares of X25519MLKEM768',
  recognises: (document) => {
    const tests = testsIn(document)
    return tests.length > 0 && tests.every((test) => ['seed', 'pk', 'ct', 'ss'].every((name) => name in test))
  },
  cases: (document) =>
    testsIn(document).map((test, index) => ({
      id: `case ${index + 1}`,
      run: (provider) =>
        outcomeOf(() => {
          const fields = new Fields(test)
          const [pk, ct] = [fields.octets('pk'), fields.octets('ct')]
          if (pk.length !== clientShareLength || ct.length !== serverShareLength) {
            skip(
              `keys of ${pk.length} and ciphertexts of ${ct.length} octets, which are not laid out as X25519MLKEM768 is`,
            )
          }
          const seed = shake256(fields.octets('seed'), { dkLen: 96 })
          const random = fields.optionalOctets('eseed') ?? fields.octets('randomness')
          const share = provider.generateKeyShare('X25519MLKEM768', seed)
          expectHex('pk', share.publicShare, fields.text('pk'))
          const { serverShare, sharedSecret } = provider.respondToKeyShare('X25519MLKEM768', share.publicShare, random)
          expectHex('ct', serverShare, fields.text('ct'))
          expectHex('ss', combine(sharedSecret, serverShare, share.publicShare), fields.text('ss'))
          expectHex('ss by the private key', combine(share.agree(ct), ct, pk), fields.text('ss'))
          // A private key is the seed itself.
          if (fields.has('sk')) expectHex('sk', fields.octets('seed'), fields.text('sk'))
        }),
    })),
}

function testsIn(document: unknown): readonly JsonObject[] {
  return objectsIn(isObject(document) ? document['tests'] : document)
}

/** SHA3-256(ss_M ‖ ss_X ‖ ct_X ‖ pk_X ‖ label). */
function combine(sharedSecret: Uint8Array, serverShare: Uint8Array, clientShare: Uint8Array): Uint8Array {
  return sha3_256(concat(sharedSecret, serverShare.subarray(-POINT_LENGTH), clientShare.subarray(-POINT_LENGTH), LABEL))
}
