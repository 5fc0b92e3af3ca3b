/** Reads a Key container (ETSI GS QKD 014 6.3) for all that is wrong with it, rather than up to the first thing. */
import { fromBase64, isJsonObject, parseJson } from '../etsi014/wire.js'
import { isIdentifier } from '../identifiers.js'
import type { QkdKey } from '../keySource.js'
import { fail, type Verdict, warn } from './check.js'

export interface Container {
  /** What could be read; the keys are wiped when the examination ends. */
  readonly keys: readonly QkdKey[]
  /** About its members. */
  readonly shape: readonly Verdict[]
  /** About key_IDs as such. */
  readonly keyIds: readonly Verdict[]
  /** About base64. */
  readonly encoding: readonly Verdict[]
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export function readContainer(body: Uint8Array): Container {
  const nothing = { keys: [], keyIds: [], encoding: [] }
  let json: unknown
  try {
    json = parseJson(body)
  } catch {
    return { ...nothing, shape: [fail('the reply is not JSON in UTF-8')] }
  }
  if (!isJsonObject(json)) return { ...nothing, shape: [fail('the reply is not a JSON object')] }
  const shape: Verdict[] = []
  // Table 12 prints Keys, the example and everybody else keys.
  if ('Keys' in json) shape.push(warn('the list is spelled Keys; the example of 6.3 has keys'))
  if ('keys' in json && 'Keys' in json) shape.push(fail('there is both keys and Keys'))
  const list = json['keys'] ?? json['Keys']
  if (!Array.isArray(list)) return { ...nothing, shape: [fail('there is no list of keys')] }
  const keys: QkdKey[] = []
  const keyIds: Verdict[] = []
  const encoding: Verdict[] = []
  for (const entry of list as unknown[]) {
    const keyId = isJsonObject(entry) ? entry['key_ID'] : undefined
    const text = isJsonObject(entry) ? entry['key'] : undefined
    if (!isIdentifier(keyId) || typeof text !== 'string') {
      shape.push(fail('an entry of the list has no key_ID and key that are strings'))
      continue
    }
    if (!UUID.test(keyId)) keyIds.push(warn('a key_ID is not a UUID'))
    const key = fromBase64(text)
    if (key === null) encoding.push(fail('a key is not base64 with padding and zero bits behind its end (RFC 4648)'))
    keys.push({ keyId, key: key ?? Uint8Array.from(Buffer.from(text, 'base64')) })
  }
  return { keys, shape: once(shape), keyIds: once(keyIds), encoding: once(encoding) }
}

function once(verdicts: readonly Verdict[]): Verdict[] {
  return [...new Map(verdicts.map((verdict) => [verdict.message, verdict])).values()]
}
