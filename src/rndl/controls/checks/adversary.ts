/**
 * What an adversary who knows how the endpoints make their keys gets from the tape, with as many leaks as the claim says
 * are harmless.
 */
import { attack } from '../../adversary/index.js'
import { isAchieved } from '../../matrix/achieved.js'
import { mergeLeaks } from '../../matrix/mergeLeaks.js'
import type { LeakName, ProtectedThing } from '../../model.js'
import type { Evidence } from '../evidence.js'
import type { Check } from './check.js'
import { largestHarmless } from './leakSets.js'
import { inWords, thingInWords } from './words.js'

export const adversary: Check = {
  name: 'adversary',
  find(evidence) {
    const { first, claim } = evidence
    const names = first.leaks.map(({ leak }) => leak)
    const opens = opener(evidence)
    for (const thing of first.things) {
      const tooMuch = largestHarmless(claim[thing.name] ?? [], names).find((set) => opens(thing, set))
      if (tooMuch === undefined) continue
      const enough = tooMuch.reduce((set, leak) => {
        const fewer = set.filter((other) => other !== leak)
        return opens(thing, fewer) ? fewer : set
      }, tooMuch)
      return `the adversary opened ${thingInWords(thing.name)} with ${inWords(enough)} alone`
    }
    return null
  },
}

/** Attacks once for each set of leaks. */
function opener({ first, schedule }: Evidence): (thing: ProtectedThing, set: readonly LeakName[]) => boolean {
  const attacks = new Map<string, (thing: ProtectedThing) => boolean>()
  return (thing, set) => {
    const known = attacks.get(set.join())
    if (known !== undefined) return known(thing)
    const leaks = mergeLeaks(first.leaks.filter(({ leak }) => set.includes(leak)))
    const opened = attack(first.tape, leaks, schedule)
    const has = (each: ProtectedThing) => isAchieved(each, opened, leaks)
    attacks.set(set.join(), has)
    return has(thing)
  }
}
