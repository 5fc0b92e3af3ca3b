import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nodeProvider } from '../../../src/crypto/index.js'
import { grants, largestHarmless } from '../../../src/rndl/controls/checks/leakSets.js'
import { guessSeed, seedFrom } from '../../../src/rndl/controls/smallSeeds.js'
import { LEAK_NAMES, type LeakName } from '../../../src/rndl/model.js'

const names = LEAK_NAMES.slice(0, 6)
const someLeaks = fc.subarray([...names])
const claims = fc.array(fc.subarray([...names], { minLength: 1 }), { maxLength: 4 })

describe('largestHarmless', () => {
  it('gives sets that the claim does not grant, to which no leak can be added', () => {
    fc.assert(
      fc.property(claims, (claimed) => {
        for (const set of largestHarmless(claimed, names)) {
          expect(grants(claimed, set)).toBe(false)
          const more = names.filter((name) => !set.includes(name)).map((name) => [...set, name])
          expect(more.every((larger) => grants(claimed, larger))).toBe(true)
        }
      }),
    )
  })

  it('leaves out no harmless set: each is a part of one of them', () => {
    fc.assert(
      fc.property(claims, someLeaks, (claimed, set) => {
        const isPart = (larger: readonly LeakName[]) => set.every((leak) => larger.includes(leak))
        expect(largestHarmless(claimed, names).some(isPart)).toBe(!grants(claimed, set))
      }),
    )
  })

  it('takes no notice of what is claimed of leaks that there were none of', () => {
    expect(largestHarmless([['curve'], ['deliveryLink']], ['curve', 'qkdKeys'])).toEqual([['qkdKeys']])
  })
})

describe('the search for small seeds', () => {
  const encapsulationKey = (seed: Uint8Array): Uint8Array =>
    nodeProvider
      .generateKeyShare('X25519MLKEM768', Buffer.concat([seed, Buffer.alloc(32, 1)]))
      .publicShare.subarray(0, 1184)

  it.each([0, 1, 0xbeef, 0xffff])('finds seed %i from the encapsulation key', (number) => {
    expect(guessSeed(encapsulationKey(seedFrom(number)))).toEqual(seedFrom(number))
  })

  it('finds nothing where the seed is not one of them', () => {
    expect(guessSeed(encapsulationKey(Buffer.alloc(64, 'three octets')))).toBeNull()
  })
})
