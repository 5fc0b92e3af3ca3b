/** The status of a budget: what its sources say together, and the pool (ETSI GS QKD 014 6.1). */
import { TrefoilError } from '../../errors.js'
import type { KeySourceStatus } from '../keySource.js'
import type { PeerSupply } from './peerSupply.js'
import type { Supplier } from './supplier.js'

/**
 * Keys add up; sizes are those that every source that answered can give, the default that of the most preferred.
 * @throws TrefoilError with the code of the most preferred source when none answers
 */
export async function combinedStatus(
  suppliers: readonly Supplier[],
  { peerSaeId, pooled, capacity }: PeerSupply,
  signal: AbortSignal,
): Promise<KeySourceStatus> {
  const outcomes = await Promise.allSettled(suppliers.map((supplier) => supplier.status(peerSaeId, signal)))
  const said = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
  const [first] = said
  if (first === undefined) throw noneAnswered(suppliers, outcomes)
  return {
    storedKeyCount: sum([pooled, ...said.map(({ storedKeyCount }) => storedKeyCount)]),
    maxKeyCount: sum([capacity, ...said.map(({ maxKeyCount }) => maxKeyCount)]),
    keySize: first.keySize,
    minKeySize: Math.max(...said.map(({ minKeySize }) => minKeySize)),
    maxKeySize: Math.min(...said.map(({ maxKeySize }) => maxKeySize)),
    maxKeysPerRequest: Math.min(...said.map(({ maxKeysPerRequest }) => maxKeysPerRequest)),
  }
}

/** A source without a bound counts as much as a number can hold. */
function sum(counts: readonly number[]): number {
  return Math.min(
    Number.MAX_SAFE_INTEGER,
    counts.reduce((total, count) => total + count, 0),
  )
}

function noneAnswered(
  suppliers: readonly Supplier[],
  outcomes: readonly PromiseSettledResult<unknown>[],
): TrefoilError {
  const reasons = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as TrefoilError] : []))
  const said = reasons.map(({ code, message }, index) => `${suppliers[index]?.label}: ${code}, ${message}`).join('; ')
  return new TrefoilError(reasons[0]?.code ?? 'ERR_QKD_UNREACHABLE', `no key source told its status (${said})`)
}
