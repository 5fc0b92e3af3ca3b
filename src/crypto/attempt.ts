import { type ErrorCode, TrefoilError } from '../errors.js'

/** Runs a step whose only way to fail is what it was fed; its failure becomes ours, with that code and sentence. */
export function attempt<T>(step: () => T, code: ErrorCode, message: string): T {
  try {
    return step()
  } catch (cause) {
    throw new TrefoilError(code, message, { cause })
  }
}
