import { describe, expect, it } from 'vitest'
import { isParameterSet, mlkemOf, type ParameterSet } from '../support/mlkem.js'
import { ALL_PROVIDERS, providersApart } from '../support/providers.js'
import { refusal } from '../support/refusal.js'
import { describeVectors, failing, hex, isHex, loadCases, skipCases } from '../support/vectors.js'

const SETS: readonly ParameterSet[] = ['ML-KEM-768', 'ML-KEM-1024']

describe.each(ALL_PROVIDERS)('ML-KEM by $name', (provider) => {
  it.each(SETS)('%s: a coefficient of q or more in the encapsulation key is refused (FIPS 203 7.2)', (name) => {
    const mlkem = mlkemOf(provider, name)
    const { ek } = mlkem.keyPair(new Uint8Array(64).fill(5))
    const coefficients = ek.length - 32
    // 3329 = 0xd01, little-endian in 12 bits: the first coefficient, one in the middle, the last.
    for (const at of [0, 3 * Math.floor(coefficients / 6), coefficients - 3]) {
      const altered = ek.slice()
      altered[at] = 0x01
      altered[at + 1] = 0x0d
      expect(refusal(() => mlkem.encapsulate(altered))).toBe('ERR_BAD_KEY_SHARE')
      expect(refusal(() => mlkem.encapsulate(altered, new Uint8Array(32)))).toBe('ERR_BAD_KEY_SHARE')
      // 3328 = q - 1 is a coefficient like any other.
      altered[at] = 0x00
      expect(refusal(() => mlkem.encapsulate(altered))).toBeNull()
    }
  })

  it.each(SETS)('%s: an altered ciphertext gives another secret and no error (FIPS 203 6.3)', (name) => {
    const mlkem = mlkemOf(provider, name)
    const seed = new Uint8Array(64).fill(6)
    const { c, k } = mlkem.encapsulate(mlkem.keyPair(seed).ek)
    expect(mlkem.keyPair(seed).decapsulate(c)).toEqual(k)
    c[100] = (c[100] as number) ^ 1
    const rejected = mlkem.keyPair(seed).decapsulate(c)
    expect(rejected).not.toEqual(k)
    expect(mlkem.keyPair(seed).decapsulate(c)).toEqual(rejected)
  })
})

interface SetGroup {
  readonly parameterSet: string
}
interface AcvpKeyGenCase {
  readonly d: string
  readonly z: string
  readonly ek: string
}
interface AcvpGroup extends SetGroup {
  readonly function: string
  readonly keyFormat: string
}
interface AcvpCase {
  readonly d: string
  readonly z: string
  readonly ek: string
  readonly m: string
  readonly c: string
  readonly k: string
  readonly testPassed: boolean
}
interface WycheproofCase {
  readonly seed: string
  readonly ek: string
  readonly m: string
  readonly c: string
  readonly K: string
  readonly result: string
}

const ours = (test: { readonly group: SetGroup }) => isParameterSet(test.group.parameterSet)

describeVectors('ML-KEM known answers', () => {
  const keyGen = loadCases<SetGroup, AcvpKeyGenCase>('acvp/ML-KEM-keyGen-FIPS203.json')
  const encapDecap = loadCases<AcvpGroup, AcvpCase>('acvp/ML-KEM-encapDecap-FIPS203-tr1.json')
  const byFunction = (name: string, keyFormat: string) =>
    encapDecap.filter((test) => ours(test) && test.group.function === name && test.group.keyFormat === keyFormat)

  describe.each(providersApart('ML-KEM-768'))('by $name', (provider) => {
    const mlkem = {
      'ML-KEM-768': mlkemOf(provider, 'ML-KEM-768'),
      'ML-KEM-1024': mlkemOf(provider, 'ML-KEM-1024'),
    }
    const setOf = (test: { readonly group: SetGroup }) => mlkem[test.group.parameterSet as ParameterSet]

    it('ACVP keyGen: d ‖ z gives ek', () => {
      const wrong = failing(keyGen.filter(ours), (test) => isHex(setOf(test).keyPair(hex(test.d + test.z)).ek, test.ek))
      expect(wrong).toEqual([])
    })

    it('ACVP encapsulation: ek and m give c and k', () => {
      const wrong = failing(byFunction('encapsulation', 'none'), (test) => {
        const { c, k } = setOf(test).encapsulate(hex(test.ek), hex(test.m))
        return isHex(c, test.c) && isHex(k, test.k)
      })
      expect(wrong).toEqual([])
    })

    it('ACVP encapsulation key check', () => {
      const wrong = failing(byFunction('encapsulationKeyCheck', 'none'), (test) => {
        const code = refusal(() => setOf(test).encapsulate(hex(test.ek)))
        return code === (test.testPassed ? null : 'ERR_BAD_KEY_SHARE')
      })
      expect(wrong).toEqual([])
    })

    it('ACVP decapsulation from the seed, implicit rejection included', () => {
      const wrong = failing(byFunction('decapsulation', 'seed'), (test) =>
        isHex(
          setOf(test)
            .keyPair(hex(test.d + test.z))
            .decapsulate(hex(test.c)),
          test.k,
        ),
      )
      expect(wrong).toEqual([])
    })

    skipCases(
      encapDecap.filter((test) => ours(test) && test.group.keyFormat === 'expanded'),
      'ACVP with expanded decapsulation keys: key shares are made from seeds',
    )
    skipCases(
      [...keyGen, ...encapDecap].filter((test) => !ours(test)),
      'ACVP ML-KEM-512, which no named group has',
    )

    it.each(SETS)('Wycheproof %s decapsulation', (name) => {
      const cases = loadCases<SetGroup, WycheproofCase>(
        `wycheproof/${name.toLowerCase().replace('-kem-', 'kem_')}_test.json`,
      )
      const wrong = failing(cases, (test) => {
        if (test.result !== 'valid') return refusal(() => roundTrip(test)) !== null
        return roundTrip(test)
      })
      expect(wrong).toEqual([])

      function roundTrip(test: WycheproofCase): boolean {
        const pair = mlkem[name].keyPair(hex(test.seed))
        return isHex(pair.ek, test.ek) && isHex(pair.decapsulate(hex(test.c)), test.K)
      }
    })

    it('Wycheproof ML-KEM-768 encapsulation', () => {
      const cases = loadCases<SetGroup, WycheproofCase>('wycheproof/mlkem_768_encaps_test.json')
      const wrong = failing(cases, (test) => {
        if (test.result !== 'valid') {
          return refusal(() => setOf(test).encapsulate(hex(test.ek), hex(test.m))) === 'ERR_BAD_KEY_SHARE'
        }
        const { c, k } = setOf(test).encapsulate(hex(test.ek), hex(test.m))
        return isHex(c, test.c) && isHex(k, test.K)
      })
      expect(wrong).toEqual([])
    })

    it('Wycheproof ML-KEM-768 encapsulation keys, without m: only the reduced ones are taken', () => {
      const cases = loadCases<SetGroup, WycheproofCase>('wycheproof/mlkem_768_encaps_test.json')
      const wrong = failing(cases, (test) => {
        const code = refusal(() => setOf(test).encapsulate(hex(test.ek)))
        return code === (test.result === 'valid' ? null : 'ERR_BAD_KEY_SHARE')
      })
      expect(wrong).toEqual([])
    })

    it('Wycheproof ML-KEM-768 key generation', () => {
      const cases = loadCases<SetGroup, WycheproofCase>('wycheproof/mlkem_768_keygen_seed_test.json')
      const wrong = failing(cases, (test) => isHex(mlkem['ML-KEM-768'].keyPair(hex(test.seed)).ek, test.ek))
      expect(wrong).toEqual([])
    })

    skipCases(
      loadCases('wycheproof/mlkem_768_semi_expanded_decaps_test.json'),
      'Wycheproof with expanded decapsulation keys: key shares are made from seeds',
    )
    skipCases(loadCases('wycheproof/mlkem_512_test.json'), 'Wycheproof ML-KEM-512, which no named group has')
  })
})
