/**
 * When a call to a key manager is made again, and after what pause. A key that may have been delivered is gone: asking
 * again would spend another one, or fetch the same one twice. So a request for keys is repeated only when not an octet
 * of it was sent, or when the key manager itself said that it gives none for now and when to come back. A request that
 * changes nothing is repeated whenever the failure may pass.
 */
import { setTimeout as wait } from 'node:timers/promises'

/** Time and chance, so that tests can do without either. */
export interface RetryClock {
  /** Milliseconds on a clock that never goes back. */
  now(): number
  /** From 0 up to 1; spreads clients in time and guards no secret. */
  random(): number
  /** Rejects when the signal fires. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>
}

export const systemClock: RetryClock = {
  now: () => performance.now(),
  random: Math.random,
  wait: (milliseconds, signal) => wait(milliseconds, undefined, { signal }),
}

/** Why a try brought nothing. */
export interface FailedTry {
  /** Whether any octet of the request left us. */
  readonly sent: boolean
  /** Whether the same may go well a moment later; a certificate that is not trusted will not. */
  readonly passing: boolean
  /** How long the key manager asked us to stay away, in milliseconds. */
  readonly retryAfter: number | null
  /** Whether the key manager answered that it does nothing for now. */
  readonly refusedForNow: boolean
}

const FIRST_PAUSE = 100
const LONGEST_PAUSE = 2000

/**
 * The pause before the next try in milliseconds, or null when there must be none.
 * @param repeatable whether the request may reach the key manager twice without harm
 * @param made tries made so far, from 1
 * @param random from 0 up to 1
 */
export function pauseBeforeRetry(failed: FailedTry, repeatable: boolean, made: number, random: number): number | null {
  const safe = failed.refusedForNow || !failed.sent || repeatable
  if (!safe || !failed.passing) return null
  // Full jitter: anywhere between nothing and a bound that doubles.
  const backOff = random * Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (made - 1))
  return (failed.retryAfter ?? 0) + backOff
}

/** Retry-After in whole seconds (RFC 9110 10.2.3), as milliseconds; null for a date or anything else. */
export function readRetryAfter(header: string | string[] | undefined): number | null {
  return typeof header === 'string' && /^\d{1,5}$/.test(header) ? 1000 * Number(header) : null
}
