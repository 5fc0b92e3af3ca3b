import { describe, expect, it } from 'vitest'
import { mldsaKeyPair, mldsaSign } from '../../src/crypto/noble/mldsa.js'
import type { MldsaAlgorithm } from '../../src/crypto/signatureKeys.js'
import { providersApart } from '../support/providers.js'
import { refusal } from '../support/refusal.js'
import { describeVectors, failing, hex, isHex, loadCases, skipCases } from '../support/vectors.js'

const ALGORITHMS: readonly MldsaAlgorithm[] = ['mldsa44', 'mldsa65', 'mldsa87']

interface AcvpGroup {
  readonly parameterSet: string
  readonly signatureInterface: string
}
interface KeyGenCase {
  readonly seed: string
  readonly pk: string
  readonly sk: string
}
interface SigGenCase {
  readonly sk: string
  readonly message: string
  readonly context?: string
  readonly rnd?: string
  readonly signature: string
}
interface SeedGroup {
  readonly privateSeed: string
  readonly publicKey: string
}
interface ExpandedGroup {
  readonly privateKey: string
}
interface WycheproofCase {
  readonly msg?: string
  readonly ctx?: string
  readonly rnd?: string
  readonly sig: string
  readonly result: string
}

const algorithmOf = (parameterSet: string) => parameterSet.toLowerCase().replaceAll('-', '') as MldsaAlgorithm
const fileOf = (algorithm: MldsaAlgorithm, kind: string) =>
  `wycheproof/${algorithm.replace('mldsa', 'mldsa_')}_${kind}_test.json`
const randomOf = (rnd: string | undefined) => (rnd === undefined ? 'none' : hex(rnd))

describeVectors('ML-DSA key generation and signing known answers', () => {
  const keyGen = loadCases<AcvpGroup, KeyGenCase>('acvp/ML-DSA-keyGen-FIPS204.json')
  const sigGen = loadCases<AcvpGroup, SigGenCase>('acvp/ML-DSA-sigGen-FIPS204.json')
  const isInternal = (test: { readonly group: AcvpGroup }) => test.group.signatureInterface === 'internal'
  const fromSeed = (algorithm: MldsaAlgorithm) =>
    loadCases<SeedGroup, WycheproofCase>(fileOf(algorithm, 'sign_seed')).filter((test) => test.msg !== undefined)
  const fromExpanded = (algorithm: MldsaAlgorithm) =>
    loadCases<ExpandedGroup, WycheproofCase>(fileOf(algorithm, 'sign_noseed')).filter((test) => test.msg !== undefined)

  describe.each(providersApart('sign mldsa65'))('by $name', (provider) => {
    it('ACVP keyGen: the seed gives the public key', () => {
      const wrong = failing(keyGen, (test) => {
        const algorithm = algorithmOf(test.group.parameterSet)
        return isHex(provider.signingKey({ algorithm, seed: hex(test.seed) }).publicKey, test.pk)
      })
      expect(wrong).toEqual([])
    })

    it.each(ALGORITHMS)('Wycheproof %s from the seed, deterministic, with the empty context', (algorithm) => {
      const wrong = failing(
        fromSeed(algorithm).filter((test) => !test.ctx),
        (test) => {
          const make = () => provider.signingKey({ algorithm, seed: hex(test.group.privateSeed) })
          if (test.result !== 'valid') return refusal(make) === 'ERR_INVALID_KEY'
          const key = make()
          const signature = key.sign(algorithm, hex(test.msg ?? ''), { deterministic: true })
          return isHex(key.publicKey, test.group.publicKey) && isHex(signature, test.sig)
        },
      )
      expect(wrong).toEqual([])
    })
  })

  describe('contexts, chosen rnd and expanded keys, by the function under the noble provider', () => {
    it('ACVP keyGen: the seed gives the expanded key', () => {
      const wrong = failing(keyGen, (test) =>
        isHex(mldsaKeyPair(algorithmOf(test.group.parameterSet), hex(test.seed)).secretKey, test.sk),
      )
      expect(wrong).toEqual([])
    })

    it('ACVP sigGen', () => {
      const wrong = failing(
        sigGen.filter((test) => !isInternal(test)),
        (test) => {
          const [sk, message, context] = [hex(test.sk), hex(test.message), hex(test.context ?? '')]
          const algorithm = algorithmOf(test.group.parameterSet)
          return isHex(mldsaSign(algorithm, sk, message, randomOf(test.rnd), context), test.signature)
        },
      )
      expect(wrong).toEqual([])
    })

    it.each(ALGORITHMS)('Wycheproof %s', (algorithm) => {
      const cases = [
        ...fromExpanded(algorithm).map((test) => ({ ...test, sk: hex(test.group.privateKey) })),
        ...fromSeed(algorithm)
          .filter((test) => test.ctx)
          .map((test) => ({ ...test, sk: mldsaKeyPair(algorithm, hex(test.group.privateSeed)).secretKey })),
      ]
      const wrong = failing(cases, (test) => {
        const sign = () => mldsaSign(algorithm, test.sk, hex(test.msg ?? ''), randomOf(test.rnd), hex(test.ctx ?? ''))
        if (test.result === 'valid') return isHex(sign(), test.sig)
        expect(sign).toThrow()
        return true
      })
      expect(wrong).toEqual([])
    })
  })

  skipCases(sigGen.filter(isInternal), 'ACVP sigGen of the internal interface, which nothing here exposes')
  skipCases(
    ALGORITHMS.flatMap((algorithm) =>
      ['sign_seed', 'sign_noseed'].flatMap((kind) => loadCases<object, WycheproofCase>(fileOf(algorithm, kind))),
    ).filter((test) => test.msg === undefined),
    'Wycheproof signing of an external mu, which nothing here exposes',
  )
})
