import { TrefoilError } from '../../errors.js'
import { skip } from '../check/outcome.js'

/** Runs what may refuse a file; nothing in the file says whether it is meant to be refused. */
export function unlessRefused<T>(step: () => T): T {
  try {
    return step()
  } catch (thrown) {
    if (!(thrown instanceof TrefoilError)) throw thrown
    return skip(`refused (${thrown.message}); the file does not say whether it is meant to be`)
  }
}
