/** Ephemeral keys out of too little randomness: the adversary tries all that 16 bits can give. */
import { attack, STANDARD } from '../../adversary/index.js'
import { isAchieved } from '../../matrix/achieved.js'
import { mergeLeaks } from '../../matrix/mergeLeaks.js'
import type { LeakName } from '../../model.js'
import { guessSeed } from '../smallSeeds.js'
import type { Check } from './check.js'
import { thingInWords } from './words.js'

/** All but ML-KEM. */
const LEAKED: readonly LeakName[] = ['curve', 'qkdKeys', 'authPsk']

export const search: Check = {
  name: 'search',
  find({ first, schedule }) {
    const leaks = mergeLeaks(first.leaks.filter(({ leak }) => LEAKED.includes(leak)))
    const opened = attack(first.tape, leaks, { ...schedule, guessSeed })
    // Where something else is broken too, that is not what was searched for.
    const without = attack(first.tape, leaks, { ...schedule, guessSeed: STANDARD.guessSeed })
    const found = first.things.find((thing) => isAchieved(thing, opened, leaks) && !isAchieved(thing, without, leaks))
    return found === undefined ? null : `a search through 2^16 seeds of ML-KEM opened ${thingInWords(found.name)}`
  },
}
