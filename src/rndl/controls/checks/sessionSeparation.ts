/** One session must not fall with another: all of the first is handed over, and of the second all but one component. */
import { attack, type Leaks } from '../../adversary/index.js'
import { isAchieved } from '../../matrix/achieved.js'
import { mergeLeaks } from '../../matrix/mergeLeaks.js'
import type { LeakName } from '../../model.js'
import type { Check } from './check.js'

/** What is left unbroken in the second session, and what has leaked of it. */
const CASES: readonly { readonly whole: string; readonly leaked: readonly LeakName[] }[] = [
  { whole: 'the QKD key', leaked: ['curve', 'decapsulationKey', 'encapsulatedSecret', 'authPsk', 'ticketKeys'] },
  { whole: 'the key exchange', leaked: ['qkdKeys', 'authPsk', 'ticketKeys'] },
]

export const sessionSeparation: Check = {
  name: 'session separation',
  find({ first, second, schedule }) {
    const things = second.things.filter(({ name }) => name === 'request' || name === 'response')
    for (const { whole, leaked } of CASES) {
      const ofSecond = second.leaks.filter(({ leak }) => leaked.includes(leak))
      const leaks: Leaks = mergeLeaks([...first.leaks, ...ofSecond])
      const opened = attack(second.tape, leaks, schedule)
      const lost = things.find((thing) => isAchieved(thing, opened, leaks))
      if (lost !== undefined) return `${whole} of one session was all that was whole, and fell with another session`
    }
    return null
  },
}
