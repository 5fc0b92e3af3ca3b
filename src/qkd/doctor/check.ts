/** What a check is and what it finds. */
import type { Examination } from './examination.js'

/**
 * `fail`: a client written to the standard breaks, or is given something wrong or unsafe. `warn`: not as the standard
 * has it, or weaker than it could be, and clients cope. `skipped`: could not be tried; the message says why.
 */
export type Grade = 'pass' | 'warn' | 'fail' | 'skipped'

export interface Verdict {
  readonly grade: Grade
  /** A plain sentence; never holds a key. */
  readonly message: string
}

export interface Check {
  /** `group.what`. */
  readonly id: string
  /** Clause of ETSI GS QKD 014 V1.1.1, or of the standard named. */
  readonly clause: string
  /** What holds when the grade is `pass`. */
  readonly rule: string
  /** Checks that must have passed, or passed with a warning; otherwise this one is skipped. */
  readonly needs?: readonly string[]
  /** Keys it takes at most, where that does not depend on the key manager. */
  readonly keys?: number
  run(examination: Examination): Promise<Verdict> | Verdict
}

export const pass = (message: string): Verdict => ({ grade: 'pass', message })
export const warn = (message: string): Verdict => ({ grade: 'warn', message })
export const fail = (message: string): Verdict => ({ grade: 'fail', message })
export const skipped = (message: string): Verdict => ({ grade: 'skipped', message })

/** Thrown where what a check rests on is not there, and the verdict is clear from that. */
export class Stop extends Error {
  readonly verdict: Verdict

  constructor(verdict: Verdict) {
    super(verdict.message)
    this.verdict = verdict
  }
}

/** Thrown where a check finds that it cannot be tried. */
export function cannotTry(why: string): Stop {
  return new Stop(skipped(why))
}

/** The worst of several, with the messages of all that are as bad; `pass` with `otherwise` when there is none. */
export function worst(verdicts: readonly Verdict[], otherwise: string): Verdict {
  for (const grade of ['fail', 'warn'] as const) {
    const found = verdicts.filter((verdict) => verdict.grade === grade)
    if (found.length > 0) return { grade, message: found.map(({ message }) => message).join('; ') }
  }
  return pass(otherwise)
}
