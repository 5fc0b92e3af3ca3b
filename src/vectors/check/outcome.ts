/** How a case comes to its outcome: it checks one thing after the other, and the first that does not hold ends it. */
import { fromHex, toHex } from '../../bytes.js'
import { type ErrorCode, TrefoilError } from '../../errors.js'
import type { VectorOutcome } from '../format.js'

const PASSED: VectorOutcome = { passed: true }

/** Something is not as the file has it. */
class Difference extends Error {
  readonly expected: string | undefined
  readonly actual: string | undefined

  constructor(what: string, expected?: string, actual?: string) {
    super(what)
    this.expected = expected
    this.actual = actual
  }
}

/** The case cannot be taken, for this reason. */
class Skipped extends Error {}

/** Runs the checks of one case. Whatever else they throw is a failure. */
export function outcomeOf(checks: () => void): VectorOutcome {
  try {
    checks()
    return PASSED
  } catch (thrown) {
    return outcomeOfThrown(thrown)
  }
}

function outcomeOfThrown(thrown: unknown): VectorOutcome {
  if (thrown instanceof Skipped) return { skipped: thrown.message }
  if (thrown instanceof Difference) {
    const { message: failed, expected, actual } = thrown
    return { failed, ...(expected === undefined ? {} : { expected }), ...(actual === undefined ? {} : { actual }) }
  }
  return { failed: describeThrown(thrown) }
}

export function describeThrown(thrown: unknown): string {
  if (thrown instanceof TrefoilError) return `${thrown.message} (${thrown.code})`
  return thrown instanceof Error ? thrown.message : String(thrown)
}

export function skip(reason: string): never {
  throw new Skipped(reason)
}

/** Ends the case as failed unless the octets are those of the hex, which may be in either case. */
export function expectHex(what: string, actual: Uint8Array, expected: string): void {
  expectText(what, toHex(actual), toHex(fromHex(expected)))
}

export function expectOctets(what: string, actual: Uint8Array, expected: Uint8Array): void {
  expectText(what, toHex(actual), toHex(expected))
}

export function expectText(what: string, actual: string, expected: string): void {
  if (actual !== expected) throw new Difference(`${what} differs`, expected, actual)
}

/** @param sentence what is wrong when it does not hold */
export function expectThat(holds: boolean, sentence: string): void {
  if (!holds) throw new Difference(sentence)
}

/** Values of plain data: numbers, texts, octets, lists and records of them. */
export function expectSame(what: string, actual: unknown, expected: unknown): void {
  expectText(what, plain(actual), plain(expected))
}

function plain(value: unknown): string {
  return JSON.stringify(value, (_, part) => (part instanceof Uint8Array ? toHex(part) : part)) ?? 'nothing'
}

/** Whether a step refuses its input by one of these codes; other errors, such as of a provider that lacks something, go on. */
export function refuses(step: () => unknown, ...codes: readonly ErrorCode[]): boolean {
  return throws(step, (thrown) => thrown instanceof TrefoilError && codes.includes(thrown.code))
}

/** @param expected the errors that are meant; default: all, as noble has no codes to tell its refusals by. Others go on. */
export function throws(step: () => unknown, expected: (thrown: unknown) => boolean = () => true): boolean {
  try {
    step()
    return false
  } catch (thrown) {
    if (expected(thrown)) return true
    throw thrown
  }
}
