/** One session must not fall with another: all of the first is handed over, and of the second all but one component. */
import { attack, type Leaks } from '../../adversary/index.js'
import { isAchieved } from '../../matrix/achieved.js'
import { mergeLeaks } from '../../matrix/mergeLeaks.js'
import type { LeakName, ProtectedThing } from '../../model.js'
import type { Check } from './check.js'

/** What is left unbroken in the second session, and what has leaked of it. */
const CASES: readonly { readonly whole: string; readonly leaked: readonly LeakName[] }[] = [
  { whole: 'the QKD key', leaked: ['curve', 'decapsulationKey', 'encapsulatedSecret', 'authPsk', 'ticketKeys'] },
  { whole: 'the key exchange', leaked: ['qkdKeys', 'authPsk', 'ticketKeys'] },
  // Either half by itself: an end may keep one and make the other anew.
  { whole: 'X25519', leaked: ['decapsulationKey', 'encapsulatedSecret', 'qkdKeys', 'authPsk', 'ticketKeys'] },
  { whole: 'ML-KEM', leaked: ['curve', 'qkdKeys', 'authPsk', 'ticketKeys'] },
]

export const sessionSeparation: Check = {
  name: 'session separation',
  find({ first, second, schedule }) {
    const things = second.things.filter(({ name }) => name === 'request' || name === 'response')
    for (const { whole, leaked } of CASES) {
      const ofSecond = second.leaks.filter(({ leak }) => leaked.includes(leak))
      const opens = (thing: ProtectedThing, leaks: Leaks) =>
        isAchieved(thing, attack(second.tape, leaks, schedule), leaks)
      const lost = things.filter((thing) => opens(thing, mergeLeaks([...first.leaks, ...ofSecond])))
      // What falls without the first session is broken in another way, which others see.
      if (lost.some((thing) => !opens(thing, mergeLeaks(ofSecond))))
        return `${whole} of one session was all that was whole, and fell with another session`
    }
    return null
  },
}
