/** What the same secrets open of the same tape is read once: most subsets of what leaked differ in what does not matter. */
import type { Opened } from './openConnection.js'
import type { PlainHandshake } from './plainHandshake.js'
import { type ReadRecords, readProtected, type TrafficSecrets } from './protectedRecords.js'
import type { Known, Schedule } from './schedule.js'

const READ = new WeakMap<PlainHandshake, WeakMap<Schedule, Map<string, ReadRecords>>>()
const MOST_KEPT = 16

/** @param inputs all that the secrets were computed from, besides the tape and the schedule */
export function readOnce(
  plain: PlainHandshake,
  secrets: TrafficSecrets,
  schedule: Schedule,
  inputs: readonly Known[],
): Pick<Opened, keyof ReadRecords> {
  const ofPlain = READ.get(plain) ?? new WeakMap<Schedule, Map<string, ReadRecords>>()
  READ.set(plain, ofPlain)
  const kept = ofPlain.get(schedule) ?? new Map<string, ReadRecords>()
  ofPlain.set(schedule, kept)
  const name = inputs.map((input) => input?.toString('hex') ?? '-').join()
  const before = kept.get(name)
  if (before !== undefined) return before
  const read = readProtected(plain, secrets, schedule)
  if (kept.size >= MOST_KEPT) kept.clear()
  kept.set(name, read)
  return read
}
