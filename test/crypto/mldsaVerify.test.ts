import { describe, expect, it } from 'vitest'
import { mldsaVerify } from '../../src/crypto/noble/mldsa.js'
import type { MldsaAlgorithm } from '../../src/crypto/signatureKeys.js'
import { providersApart } from '../support/providers.js'
import { describeVectors, failing, hex, loadCases, skipCases } from '../support/vectors.js'

const ALGORITHMS: readonly MldsaAlgorithm[] = ['mldsa44', 'mldsa65', 'mldsa87']

interface AcvpGroup {
  readonly parameterSet: string
  readonly signatureInterface: string
}
interface AcvpCase {
  readonly pk: string
  readonly message: string
  readonly context?: string
  readonly signature: string
  readonly testPassed: boolean
}
interface WycheproofCase {
  readonly msg: string
  readonly ctx?: string
  readonly sig: string
  readonly result: string
}

const isInternal = (test: { readonly group: AcvpGroup }) => test.group.signatureInterface === 'internal'
const algorithmOf = (parameterSet: string) => parameterSet.toLowerCase().replaceAll('-', '') as MldsaAlgorithm

describeVectors('ML-DSA verification known answers', () => {
  const acvp = loadCases<AcvpGroup, AcvpCase>('acvp/ML-DSA-sigVer-FIPS204.json')
  const wycheproof = (algorithm: MldsaAlgorithm) =>
    loadCases<{ publicKey: string }, WycheproofCase>(
      `wycheproof/${algorithm.replace('mldsa', 'mldsa_')}_verify_test.json`,
    )

  describe.each(providersApart('verify mldsa65'))('by $name', (provider) => {
    it.each(ALGORITHMS)('Wycheproof %s with the empty context', (algorithm) => {
      const wrong = failing(
        wycheproof(algorithm).filter((test) => !test.ctx),
        (test) => verifies(algorithm, test) === (test.result === 'valid'),
      )
      expect(wrong).toEqual([])
    })

    /** A public key of a wrong length is refused when it is read, and no signature verifies under it. */
    function verifies(algorithm: MldsaAlgorithm, test: WycheproofCase & { group: { publicKey: string } }): boolean {
      try {
        const key = provider.verifyingKey(algorithm, hex(test.group.publicKey))
        return key.verify(algorithm, hex(test.msg), hex(test.sig))
      } catch (error) {
        expect(error).toMatchObject({ code: 'ERR_BAD_CERTIFICATE' })
        return false
      }
    }

    it('ACVP sigVer with the empty context', () => {
      const wrong = failing(
        acvp.filter((test) => !isInternal(test) && !test.context),
        (test) => {
          const algorithm = algorithmOf(test.group.parameterSet)
          const key = provider.verifyingKey(algorithm, hex(test.pk))
          return key.verify(algorithm, hex(test.message), hex(test.signature)) === test.testPassed
        },
      )
      expect(wrong).toEqual([])
    })
  })

  describe('contexts, which TLS and X.509 leave empty, by the function under the noble provider', () => {
    it('ACVP sigVer', () => {
      const wrong = failing(
        acvp.filter((test) => !isInternal(test) && test.context),
        (test) => {
          const algorithm = algorithmOf(test.group.parameterSet)
          const [key, message, signature] = [hex(test.pk), hex(test.message), hex(test.signature)]
          return mldsaVerify(algorithm, key, message, signature, hex(test.context ?? '')) === test.testPassed
        },
      )
      expect(wrong).toEqual([])
    })

    it.each(ALGORITHMS)('Wycheproof %s', (algorithm) => {
      const wrong = failing(
        wycheproof(algorithm).filter((test) => test.ctx),
        (test) => {
          const [key, message, signature] = [hex(test.group.publicKey), hex(test.msg), hex(test.sig)]
          const verify = () => mldsaVerify(algorithm, key, message, signature, hex(test.ctx ?? ''))
          if (test.result === 'valid') return verify()
          // FIPS 204 algorithm 3: a context of more than 255 octets cannot be verified at all.
          expect(verify).toThrow()
          return true
        },
      )
      expect(wrong).toEqual([])
    })
  })

  skipCases(acvp.filter(isInternal), 'ACVP sigVer of the internal interface, which nothing here exposes')
})
