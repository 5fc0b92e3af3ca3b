/** Options that the library refuses are wrong usage of the command. */
import type { Command } from 'commander'
import { TrefoilError } from '../errors.js'

export function asUsage<T>(command: Command, make: () => T): T {
  try {
    return make()
  } catch (thrown) {
    if (thrown instanceof TrefoilError && thrown.code === 'ERR_INVALID_OPTION') {
      return command.error(`error: ${thrown.message}`)
    }
    throw thrown
  }
}
