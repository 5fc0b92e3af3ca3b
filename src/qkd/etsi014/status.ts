/**
 * Status (ETSI GS QKD 014 6.1), and what in it cannot be. Deployed key managers contradict themselves, harmlessly as a
 * rule: so contradictions are listed for the operator, and none of them is a reason to refuse the status.
 */
import { isIdentifier } from '../identifiers.js'
import type { KeySourceStatus } from '../keySource.js'
import { badReply, type Reply, successfulBody } from './replies.js'
import { isJsonObject, type JsonObject } from './wire.js'

/** All of a Status; sizes in bits. Untrusted. */
export interface Etsi014Status extends KeySourceStatus {
  /** source_KME_ID; this and the other IDs are null when missing or unusable. */
  readonly sourceKmeId: string | null
  readonly targetKmeId: string | null
  readonly masterSaeId: string | null
  readonly slaveSaeId: string | null
  /** How many additional_slave_SAE_IDs a request may name; 0: none. Null when missing or unusable. */
  readonly maxSaeIdCount: number | null
  /** status_extension; absent when the key manager sent no object. */
  readonly extension?: Readonly<JsonObject>
}

/** What the asker knows and the status should agree with. */
export interface StatusExpectation {
  /** The slave SAE whose status was asked for. */
  readonly peerSaeId?: string
  /** Our own SAE ID. */
  readonly saeId?: string
  /** ID of the key manager asked. */
  readonly kmeId?: string
  /** Size of the keys to be asked for, in bits. */
  readonly keySize?: number
}

export interface StatusContradiction {
  readonly kind:
    | 'missing-field'
    | 'wrong-id'
    | 'same-ids'
    | 'min-above-max'
    | 'default-out-of-range'
    | 'size-not-whole-bytes'
    | 'stored-above-max'
    | 'request-above-stock'
    | 'no-keys-per-request'
    | 'asked-size-out-of-range'
  /** The fields concerned, as the standard spells them. */
  readonly fields: readonly string[]
  /** Whether a request for keys cannot succeed if this is so. */
  readonly preventsKeys: boolean
  /** What is wrong, in a sentence. */
  readonly message: string
}

/**
 * Counts and sizes must be there and be whole numbers; nothing else is asked of them.
 * @param kmeId source_KME_ID to insist on, if any
 * @throws TrefoilError ERR_QKD_BAD_REPLY, or as `refusalIn`
 */
export function readFullStatus(reply: Reply, kmeId?: string): Etsi014Status {
  const status = successfulBody(reply, 'status')
  if (kmeId !== undefined && status['source_KME_ID'] !== kmeId) throw badReply('the status of another key manager')
  const extension = status['status_extension']
  const maxSaeIdCount = status['max_SAE_ID_count']
  return {
    sourceKmeId: identifier(status['source_KME_ID']),
    targetKmeId: identifier(status['target_KME_ID']),
    masterSaeId: identifier(status['master_SAE_ID']),
    slaveSaeId: identifier(status['slave_SAE_ID']),
    storedKeyCount: wholeNumber(status, 'stored_key_count'),
    maxKeyCount: wholeNumber(status, 'max_key_count'),
    keySize: wholeNumber(status, 'key_size'),
    minKeySize: wholeNumber(status, 'min_key_size'),
    maxKeySize: wholeNumber(status, 'max_key_size'),
    maxKeysPerRequest: wholeNumber(status, 'max_key_per_request'),
    maxSaeIdCount: isWholeNumber(maxSaeIdCount) ? maxSaeIdCount : null,
    ...(isJsonObject(extension) ? { extension } : {}),
  }
}

/** The counts and sizes alone. */
export function readStatus(reply: Reply, kmeId?: string): KeySourceStatus {
  const { storedKeyCount, maxKeyCount, keySize, minKeySize, maxKeySize, maxKeysPerRequest } = readFullStatus(
    reply,
    kmeId,
  )
  return { storedKeyCount, maxKeyCount, keySize, minKeySize, maxKeySize, maxKeysPerRequest }
}

/** Where a status disagrees with itself or with what its reader knows; empty when nowhere. */
export function statusContradictions(status: Etsi014Status, expected: StatusExpectation = {}): StatusContradiction[] {
  const found: StatusContradiction[] = []
  const report = (
    is: boolean,
    kind: StatusContradiction['kind'],
    fields: string[],
    message: string,
    preventsKeys = false,
  ) => {
    if (is) found.push({ kind, fields, preventsKeys, message })
  }
  const ids = [
    ['source_KME_ID', status.sourceKmeId, expected.kmeId],
    ['target_KME_ID', status.targetKmeId, undefined],
    ['master_SAE_ID', status.masterSaeId, expected.saeId],
    ['slave_SAE_ID', status.slaveSaeId, expected.peerSaeId],
  ] as const
  for (const [field, id, wanted] of ids) {
    report(id === null, 'missing-field', [field], `${field} is missing or unusable`)
    report(
      id !== null && wanted !== undefined && id !== wanted,
      'wrong-id',
      [field],
      `${field} is ${id} where ${wanted} was expected`,
    )
  }
  report(
    status.maxSaeIdCount === null,
    'missing-field',
    ['max_SAE_ID_count'],
    'max_SAE_ID_count is missing or unusable',
  )
  report(
    status.sourceKmeId !== null && status.sourceKmeId === status.targetKmeId,
    'same-ids',
    ['source_KME_ID', 'target_KME_ID'],
    'both ends of the link have the same KME ID',
  )
  report(
    status.masterSaeId !== null && status.masterSaeId === status.slaveSaeId,
    'same-ids',
    ['master_SAE_ID', 'slave_SAE_ID'],
    'both ends of the link have the same SAE ID',
  )
  const { keySize, minKeySize, maxKeySize, storedKeyCount, maxKeyCount, maxKeysPerRequest } = status
  report(
    minKeySize > maxKeySize,
    'min-above-max',
    ['min_key_size', 'max_key_size'],
    `min_key_size ${minKeySize} is above max_key_size ${maxKeySize}`,
  )
  report(
    keySize < minKeySize || keySize > maxKeySize,
    'default-out-of-range',
    ['key_size', 'min_key_size', 'max_key_size'],
    `key_size ${keySize} is not from min_key_size ${minKeySize} to max_key_size ${maxKeySize}`,
  )
  report(
    keySize === 0 || keySize % 8 !== 0,
    'size-not-whole-bytes',
    ['key_size'],
    `key_size ${keySize} is not a positive multiple of 8`,
  )
  report(
    storedKeyCount > maxKeyCount,
    'stored-above-max',
    ['stored_key_count', 'max_key_count'],
    `stored_key_count ${storedKeyCount} is above max_key_count ${maxKeyCount}`,
  )
  report(
    maxKeysPerRequest > maxKeyCount,
    'request-above-stock',
    ['max_key_per_request', 'max_key_count'],
    `max_key_per_request ${maxKeysPerRequest} is above max_key_count ${maxKeyCount}`,
  )
  report(
    maxKeysPerRequest === 0,
    'no-keys-per-request',
    ['max_key_per_request'],
    'max_key_per_request is 0: no key can be asked for',
    true,
  )
  const asked = expected.keySize
  report(
    asked !== undefined && (asked < minKeySize || asked > maxKeySize),
    'asked-size-out-of-range',
    ['min_key_size', 'max_key_size'],
    `keys of ${asked} bits are outside min_key_size ${minKeySize} to max_key_size ${maxKeySize}`,
    true,
  )
  return found
}

function identifier(value: unknown): string | null {
  return isIdentifier(value) ? value : null
}

function wholeNumber(status: JsonObject, field: string): number {
  const value = status[field]
  if (isWholeNumber(value)) return value
  throw badReply(`a status without a usable ${field}`)
}

function isWholeNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
