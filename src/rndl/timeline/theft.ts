/**
 * One row of the timeline: somebody steals what authenticates, before, during or after a session, and tries to profit.
 * What he achieves is what he read, and not what ought to be.
 */
import type { Leaks } from '../adversary/index.js'
import type { TimelineEntry } from '../report.js'
import { intercept, type Mask, opens, type Random, type Site, tapeSession } from './sessions.js'

type Session = TimelineEntry['sessions'][number]
export type At = Session['at']
export type Achieved = Session['achieved']

export interface Theft {
  readonly name: string
  readonly when: TimelineEntry['when']
  readonly attack: string
  readonly mode: string
  /** What he gets if all comes as expected. */
  readonly outcome: string
  /** The sessions that take place, and what should become of them. */
  readonly expected: Readonly<Partial<Record<At, Achieved>>>
  /** Earlier sessions and the attacked one take place here. */
  readonly site: Site
  /** What takes its place afterwards: keys renewed, the stolen ones withdrawn. */
  readonly renewed: Site
  /** Everything that sessions rest on besides their key exchange, at the end. */
  readonly secrets: () => Partial<Leaks>
  /** What was stolen. */
  readonly loot: () => Partial<Leaks>
  /** What he can pretend to be with it: each is tried until one is believed. */
  readonly masks: readonly Mask[]
  /** Around the attacked session: the burglar comes, and is thrown out. */
  readonly begin?: () => void
  readonly end?: () => void
}

/** @throws Error when an honest session fails */
export async function commit(theft: Theft, random: Random): Promise<TimelineEntry> {
  const { name, when, attack, mode, expected, site, renewed, secrets, loot } = theft
  const sessions: Session[] = []
  const earlier = expected.earlier && (await tapeSession(site, secrets, random))
  theft.begin?.()
  if (expected.attacked) {
    sessions.push({ at: 'attacked', expected: expected.attacked, ...(await attackInPerson(site, theft.masks, random)) })
  }
  theft.end?.()
  if (expected.later) {
    const attacked = await attackInPerson(renewed, theft.masks, random)
    // Honest sessions go on, and their tapes are closed to him.
    const honest = await tapeSession(renewed, secrets, random)
    const result = opens(honest, loot()) ? ({ achieved: 'open' } as const) : attacked
    sessions.push({ at: 'later', expected: expected.later, ...result })
  }
  if (earlier && expected.earlier) {
    // With all that he has in the end.
    const achieved = opens(earlier, loot()) ? 'open' : 'closed'
    sessions.unshift({ at: 'earlier', expected: expected.earlier, achieved })
  }
  return { name, when, attack, mode, outcome: outcomeOf(sessions, theft.outcome), sessions }
}

/** The sentence of the table, if what happened is what it tells of. */
export function outcomeOf(sessions: readonly Session[], asExpected: string): string {
  if (sessions.every(({ expected, achieved }) => expected === achieved)) return asExpected
  return `not as expected: ${sessions.map(({ at, achieved }) => `the ${at} session was ${achieved}`).join(', ')}`
}

async function attackInPerson(
  site: Site,
  masks: readonly Mask[],
  random: Random,
): Promise<Pick<Session, 'achieved' | 'refusals'>> {
  const refusals: string[] = []
  for (const mask of masks) {
    const { isOpen, refusal } = await intercept(site, mask, random)
    if (isOpen) return { achieved: 'open' }
    if (refusal === null) throw new Error('a session took place in which the man in the middle took no part')
    refusals.push(refusal)
  }
  return { achieved: 'refused', refusals }
}
