/** What the failures of single sources mean: for their circuits, and for the caller. */
import { type ErrorCode, TrefoilError } from '../../errors.js'
import type { SourceFailure } from './events.js'

/** Why a pass over the sources brought nothing from one of them. */
export interface Reason extends SourceFailure {
  /** It was not asked, since it rests or said lately that it had nothing. */
  readonly skipped: boolean
  /** Until it is worth asking; 0 when that is not known. */
  readonly nextMilliseconds: number
}

/** What an outcome says of a source: that it works, that it does not, or neither. */
export type Health = 'sound' | 'fault' | 'unknown'

/** Answers of a source that works, whoever is at fault. */
const SOUND: ReadonlySet<ErrorCode> = new Set([
  'ERR_QKD_EXHAUSTED',
  'ERR_QKD_QUOTA',
  'ERR_QKD_KEY_NOT_FOUND',
  'ERR_QKD_REFUSED',
])

/** The peer chooses the key_ID, so what an odd or a foreign one can provoke must not cut off the source for others. */
const FAULTS_WITH_KEY_ID: ReadonlySet<ErrorCode> = new Set([
  'ERR_QKD_UNREACHABLE',
  'ERR_QKD_TIMEOUT',
  'ERR_QKD_DELIVERY_LINK',
  'ERR_INVALID_STATE',
])

/** @param named whether the key was asked for by the key_ID that the peer sent */
export function healthOf(code: ErrorCode, named: boolean): Health {
  if (SOUND.has(code)) return 'sound'
  if (code === 'ERR_INVALID_OPTION') return 'unknown'
  return !named || FAULTS_WITH_KEY_ID.has(code) ? 'fault' : 'unknown'
}

/** Whether a source that said so for a peer had better not be asked again at once. */
export function asksForPause(code: ErrorCode): boolean {
  return code === 'ERR_QKD_EXHAUSTED' || code === 'ERR_QKD_REFUSED' || code === 'ERR_QKD_QUOTA'
}

/** What a source threw, as a typed error without anything in it that might be secret. */
export function failureOf(thrown: unknown): TrefoilError {
  if (!(thrown instanceof TrefoilError)) {
    return new TrefoilError('ERR_QKD_UNREACHABLE', 'the key source failed without saying why')
  }
  // Nobody here gave up: it was closed by its owner.
  if (thrown.code === 'ERR_ABORTED') return new TrefoilError('ERR_QKD_UNREACHABLE', 'the key source gave up the call')
  return thrown
}

/** No source gave a fresh key. */
export function noFreshKey(reasons: readonly Reason[]): TrefoilError {
  const said = listed(reasons)
  const next = nextOf(reasons)
  const soon = next > 0 ? `; the next is likely in about ${duration(next)}` : ''
  if (reasons.some(({ code }) => code === 'ERR_QKD_EXHAUSTED')) {
    return new TrefoilError(
      'ERR_QKD_EXHAUSTED',
      `the supply of keys shared with the peer is exhausted${soon} (${said})`,
    )
  }
  if (reasons.every(({ skipped, code }) => skipped && healthOf(code, false) === 'fault')) {
    return new TrefoilError(
      'ERR_QKD_UNREACHABLE',
      `every key source rests after failures; the next try is in about ${duration(next)} (${said})`,
    )
  }
  return new TrefoilError(commonCode(reasons), `no key source gave a key (${said})`)
}

/** No source gave the key that the peer named. Only if all of them deny it is it not there. */
export function noNamedKey(reasons: readonly Reason[]): TrefoilError {
  const open = reasons.filter(({ code }) => code !== 'ERR_QKD_KEY_NOT_FOUND')
  if (open.length === 0) {
    const message = 'the peer named a key that no key source holds, or that was fetched before'
    return new TrefoilError('ERR_QKD_KEY_NOT_FOUND', message)
  }
  const code = open.every(({ skipped }) => skipped) ? 'ERR_QKD_UNREACHABLE' : commonCode(open)
  return new TrefoilError(code, `no key source gave the key that the peer named (${listed(reasons)})`)
}

/** The soonest that one of the sources is worth asking; 0 when that is not known. */
export function nextOf(reasons: readonly Reason[]): number {
  const known = reasons.map(({ nextMilliseconds }) => nextMilliseconds).filter((wait) => wait > 0)
  return known.length === 0 ? 0 : Math.ceil(Math.min(...known))
}

export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.ceil(milliseconds)} milliseconds`
  return `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 1 : 0)} seconds`
}

function commonCode(reasons: readonly Reason[]): ErrorCode {
  const [first] = reasons
  const same = first !== undefined && reasons.every(({ code }) => code === first.code)
  // Whatever else a source throws (it was closed, it has a defect): to the handshake it is one that cannot be reached.
  return same && first.code.startsWith('ERR_QKD_') ? first.code : 'ERR_QKD_UNREACHABLE'
}

/** Messages of sources are cut: they may quote a key manager. */
function listed(reasons: readonly Reason[]): string {
  const MAX_MESSAGE = 160
  return reasons
    .map(({ source, code, message, skipped }) => {
      const text = message.length > MAX_MESSAGE ? `${message.slice(0, MAX_MESSAGE)}…` : message
      return `${source}${skipped ? ', not asked again' : ''}: ${code}, ${text}`
    })
    .join('; ')
}
