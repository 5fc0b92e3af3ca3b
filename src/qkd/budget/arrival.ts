/** The checks on keys that a source has just delivered: one that fails makes the whole delivery suspect, and burns it. */
import { wipe } from '../../bytes.js'
import { TrefoilError } from '../../errors.js'
import { isIdentifier } from '../identifiers.js'
import type { DeliveryLink, QkdKey } from '../keySource.js'
import { HeldKey } from './heldKey.js'
import type { SingleUse } from './singleUse.js'
import type { Tally } from './statistics.js'

export interface Arrival {
  readonly bornAt: number
  readonly tallies: readonly Tally[]
  readonly singleUse: SingleUse
  readonly requirePostQuantumDelivery: boolean
  /** The source's own link, for keys that do not say how they came. */
  readonly deliveryLink: DeliveryLink | null
}

/** RFC 9257 section 6: an external PSK has at least 128 bits. */
const MIN_KEY_LENGTH = 16

/** @throws TrefoilError ERR_QKD_BAD_REPLY, ERR_QKD_DELIVERY_LINK; then every key is wiped */
export function receiveKeys(delivered: unknown, number: number, arrival: Arrival): HeldKey[] {
  if (!Array.isArray(delivered) || delivered.length < 1 || delivered.length > number || !delivered.every(isQkdKey)) {
    if (Array.isArray(delivered)) wipe(...delivered.map(octetsOf))
    throw badReply(number === 1 ? 'did not answer with a key' : `did not answer with 1 to ${number} keys`)
  }
  const held = delivered.map((key: QkdKey) => {
    const delivery = key.delivery ?? arrival.deliveryLink
    return new HeldKey(delivery === null ? key : { ...key, delivery }, arrival.bornAt, arrival.tallies)
  })
  // All are marked, whatever is found: none of them may come back.
  const [wrong] = delivered.map((key) => arrival.singleUse.deliver(key)).filter((found) => found !== null)
  const refusal = wrong === undefined ? linkRefusal(held, arrival) : badReply(wrong)
  if (refusal === null) return held
  for (const key of held) key.burn()
  throw refusal
}

/** @param did what the source did, after "the key source" */
export function badReply(did: string): TrefoilError {
  return new TrefoilError('ERR_QKD_BAD_REPLY', `the key source ${did}`)
}

/** Whatever stands where a key should, for wiping. */
export function octetsOf(delivered: unknown): Uint8Array | null {
  const key: unknown = (delivered as { key?: unknown } | null | undefined)?.key
  return key instanceof Uint8Array ? key : null
}

function isQkdKey(value: unknown): value is QkdKey {
  return isIdentifier((value as { keyId?: unknown } | null)?.keyId) && (octetsOf(value)?.length ?? 0) >= MIN_KEY_LENGTH
}

function linkRefusal(held: readonly HeldKey[], { requirePostQuantumDelivery }: Arrival): TrefoilError | null {
  const unfit = requirePostQuantumDelivery ? held.find(({ delivery }) => delivery?.postQuantum !== true) : undefined
  if (unfit === undefined) return null
  const group = unfit.delivery?.group ?? 'unknown'
  const link = unfit.delivery === undefined ? 'it does not tell' : `its link was not post-quantum (group ${group})`
  return new TrefoilError('ERR_QKD_DELIVERY_LINK', `the key source gave a key by a way that is refused: ${link}`)
}
