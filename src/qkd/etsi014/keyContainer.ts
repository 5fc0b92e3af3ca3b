/** Reads the Key container of a reply (ETSI GS QKD 014 6.3): all the keys that were asked for, or none. */
import { wipe } from '../../bytes.js'
import { TrefoilError } from '../../errors.js'
import { isIdentifier } from '../identifiers.js'
import type { DeliveryLink, QkdKey } from '../keySource.js'
import { badReply, type Reply, successfulBody } from './replies.js'
import { fromBase64, isJsonObject, type JsonObject, type KeyMethod } from './wire.js'

export interface Etsi014Key extends QkdKey {
  /** key_ID_extension as the key manager sent it; absent when it sent no object. Untrusted. */
  readonly keyIdExtension?: Readonly<JsonObject>
  /** key_extension as the key manager sent it; absent when it sent no object. Untrusted. */
  readonly keyExtension?: Readonly<JsonObject>
}

export interface KeyContainer {
  /** As many as were asked for, each with a key_ID of its own. The consumer wipes them. */
  readonly keys: readonly Etsi014Key[]
  /** key_container_extension as the key manager sent it; absent when it sent no object. Untrusted. */
  readonly extension?: Readonly<JsonObject>
}

/**
 * Reads exactly `number` keys of `keyLength` bytes, or throws and wipes those read so far.
 * @throws TrefoilError ERR_QKD_BAD_REPLY, ERR_QKD_KEY_LENGTH, or as `refusalIn`
 */
export function readKeyContainer(
  reply: Reply,
  method: KeyMethod,
  { number, keyLength }: { readonly number: number; readonly keyLength: number },
): KeyContainer {
  const container = successfulBody(reply, method)
  // Table 12 prints `Keys`, the example `keys`.
  if ('keys' in container && 'Keys' in container) throw badReply('both keys and Keys')
  const entries = container['keys'] ?? container['Keys']
  if (!Array.isArray(entries)) throw badReply('no list of keys')
  if (entries.length !== number) throw badReply(`${count(entries.length)} where ${count(number)} had to come`)
  const keys: Etsi014Key[] = []
  try {
    for (const entry of entries) keys.push(readKey(entry, keyLength, reply.link))
    if (new Set(keys.map(({ keyId }) => keyId)).size !== number) throw badReply('two keys under one key_ID')
  } catch (error) {
    wipeKeys(keys)
    throw error
  }
  return { keys, ...objectAt(container, 'key_container_extension', 'extension') }
}

export function wipeKeys(keys: readonly QkdKey[]): void {
  wipe(...keys.map(({ key }) => key))
}

function readKey(entry: unknown, keyLength: number, link: DeliveryLink | undefined): Etsi014Key {
  if (!isJsonObject(entry)) throw badReply('a key that is not an object')
  const keyId = entry['key_ID']
  if (!isIdentifier(keyId)) throw badReply('a key without a usable key_ID')
  const key = typeof entry['key'] === 'string' ? fromBase64(entry['key']) : null
  if (key === null) throw badReply('a key that is not base64')
  if (key.length !== keyLength) {
    wipe(key)
    throw new TrefoilError(
      'ERR_QKD_KEY_LENGTH',
      `the key manager gave a key of ${key.length} bytes where ${keyLength} were asked for`,
    )
  }
  return {
    keyId,
    key,
    ...(link === undefined ? {} : { delivery: link }),
    ...objectAt(entry, 'key_ID_extension', 'keyIdExtension'),
    ...objectAt(entry, 'key_extension', 'keyExtension'),
  }
}

/** Extensions are reserved for later: what is no object is as good as absent. */
function objectAt<Name extends string>(from: JsonObject, field: string, name: Name): { [K in Name]?: JsonObject } {
  const value = from[field]
  return (isJsonObject(value) ? { [name]: value } : {}) as { [K in Name]?: JsonObject }
}

function count(keys: number): string {
  return keys === 1 ? '1 key' : `${keys} keys`
}
