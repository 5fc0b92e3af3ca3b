/** Options that the library refuses are wrong usage of the command. */
import type { Command } from 'commander'
import { TrefoilError } from '../errors.js'

export function asUsage<T>(command: Command, make: () => T): T {
  try {
    return make()
  } catch (thrown) {
    return refuse(command, thrown)
  }
}

/** The same for what refuses later. */
export async function asUsageLater<T>(command: Command, make: () => Promise<T>): Promise<T> {
  try {
    return await make()
  } catch (thrown) {
    return refuse(command, thrown)
  }
}

function refuse(command: Command, thrown: unknown): never {
  if (thrown instanceof TrefoilError && thrown.code === 'ERR_INVALID_OPTION') {
    return command.error(`error: ${thrown.message}`)
  }
  throw thrown
}
