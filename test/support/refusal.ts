/** The code of the TrefoilError that a step throws, null when it throws none. Any other error goes through. */
import { type ErrorCode, TrefoilError } from '../../src/errors.js'

export function refusal(step: () => unknown): ErrorCode | null {
  try {
    step()
    return null
  } catch (error) {
    if (error instanceof TrefoilError) return error.code
    throw error
  }
}
