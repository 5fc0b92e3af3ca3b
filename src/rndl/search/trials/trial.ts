/**
 * What a search consists of. The adversary counts up through the values that a secret may have. Whatever does not depend
 * on the guess is done beforehand, so that a trial costs what it must.
 */
import type { TapedConnection } from '../../adversary/index.js'

/** One taped session, of whose last secret all is known but n bits. */
export interface Target {
  readonly tape: TapedConnection
  /** The secret with zeros for the bits that are not known. */
  readonly known: Uint8Array
}

export interface Hit {
  readonly target: number
  readonly guess: number
}

export interface Scan {
  readonly hits: readonly Hit[]
  /** Trials that were made: one may test a guess on several targets, where they have that work in common. */
  readonly trials: number
}

export interface SearchMethod {
  /** Puts a guess of n bits where the unknown bits stand; `secret` is changed. */
  readonly fill: (secret: Buffer, bits: number, guess: number) => void
  /**
   * Reads the tapes and does what is the same for all guesses. The result tries the guesses `from`, `from` + 1, … in
   * that order on the targets with the numbers in `open`, and stops early when it has found them all.
   */
  readonly prepare: (
    targets: readonly Target[],
    bits: number,
  ) => (from: number, count: number, open: readonly number[]) => Scan
}

/** The first n bits, most significant first; n is 32 at most. */
export function fillFront(secret: Buffer, bits: number, guess: number): void {
  const behind = 2 ** (32 - bits)
  secret.writeUInt32BE(guess * behind + (secret.readUInt32BE(0) % behind), 0)
}

/** Zeros in place of the unknown bits: guess 0. */
export function withoutBits({ fill }: Pick<SearchMethod, 'fill'>, secret: Uint8Array, bits: number): Uint8Array {
  const known = Buffer.from(secret)
  fill(known, bits, 0)
  return known
}

export function withGuess(
  { fill }: Pick<SearchMethod, 'fill'>,
  known: Uint8Array,
  bits: number,
  guess: number,
): Buffer {
  const secret = Buffer.from(known)
  fill(secret, bits, guess)
  return secret
}
