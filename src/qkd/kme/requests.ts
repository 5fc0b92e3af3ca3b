/**
 * Reads what an SAE asks, from method, target and body (ETSI GS QKD 014 5.2 to 5.4, 6.2, 6.4). Whatever cannot be read
 * is refused with a 4xx; whether the caller may ask it, and within which limits, is judged elsewhere.
 */
import { isJsonObject, type JsonObject, type KeyMethod, MESSAGES, parseJson } from '../etsi014/wire.js'
import { isIdentifier } from '../identifiers.js'
import { RequestRefused } from './answer.js'

export interface HttpRequest {
  readonly method: string
  /** Path and query as they came. */
  readonly target: string
  readonly body: Uint8Array
}

export type ApiRequest =
  | { readonly method: 'status'; readonly slave: string }
  | ({ readonly method: 'enc_keys'; readonly slave: string } & KeyRequest)
  | { readonly method: 'dec_keys'; readonly master: string; readonly keyIds: readonly string[] }

/** Key request (6.2). */
interface KeyRequest {
  readonly number: number
  /** In bits; null for the key manager's default. */
  readonly size: number | null
  readonly additionalSlaves: readonly string[]
}

/** @throws RequestRefused */
export function readRequest(request: HttpRequest): ApiRequest {
  const [path = '', query = ''] = split(request.target)
  const match = /^\/api\/v1\/keys\/([^/]+)\/(status|enc_keys|dec_keys)$/.exec(path)
  if (match === null) throw new RequestRefused(404, 'no such resource')
  const peer = decodeSaeId(match[1] as string)
  const method = match[2] as KeyMethod
  const isGet = request.method === 'GET'
  if (method === 'status') {
    if (!isGet) throw new RequestRefused(405, 'status is read with GET', 'GET')
    return { method, slave: peer }
  }
  if (!isGet && request.method !== 'POST')
    throw new RequestRefused(405, 'keys are asked for with GET or POST', 'GET, POST')
  const fields = isGet ? queryFields(query) : bodyFields(request.body)
  return method === 'enc_keys'
    ? { method, slave: peer, ...readKeyRequest(fields) }
    : { method, master: peer, keyIds: readKeyIds(fields, isGet) }
}

function split(target: string): string[] {
  const mark = target.indexOf('?')
  return mark < 0 ? [target] : [target.slice(0, mark), target.slice(mark + 1)]
}

function decodeSaeId(text: string): string {
  let saeId: string
  try {
    saeId = decodeURIComponent(text)
  } catch {
    throw new RequestRefused(400, 'the SAE ID in the path is not URL-encoded')
  }
  if (!isIdentifier(saeId)) throw new RequestRefused(400, 'the SAE ID in the path is unusable')
  return saeId
}

function queryFields(query: string): JsonObject {
  const fields: JsonObject = Object.create(null)
  for (const [name, value] of new URLSearchParams(query)) {
    if (name in fields) throw new RequestRefused(400, 'a query parameter is given twice')
    // Table 8 allows only whole numbers here, and 6.4 only one key_ID.
    fields[name] = name !== 'key_ID' && /^\d{1,15}$/.test(value) ? Number(value) : value
  }
  return fields
}

function bodyFields(body: Uint8Array): JsonObject {
  // Every field of a Key request is optional, so nothing at all is one.
  if (body.length === 0) return {}
  let fields: unknown
  try {
    fields = parseJson(body)
  } catch {
    throw new RequestRefused(400, 'the body is not JSON')
  }
  if (!isJsonObject(fields)) throw new RequestRefused(400, 'the body is not a JSON object')
  return fields
}

function readKeyRequest(fields: JsonObject): KeyRequest {
  const number = fields['number'] ?? 1
  if (!isPositiveInteger(number)) throw new RequestRefused(400, 'number shall be a positive integer')
  const size = fields['size'] ?? null
  if (size !== null && !isPositiveInteger(size)) throw new RequestRefused(400, 'size shall be a positive integer')
  if (size !== null && size % 8 !== 0) throw new RequestRefused(400, MESSAGES.sizeNotMultipleOf8)
  const mandatory = fields['extension_mandatory'] ?? []
  if (!Array.isArray(mandatory)) throw new RequestRefused(400, 'extension_mandatory shall be an array')
  // 6.2: a mandatory extension that is not supported is refused; optional ones may be ignored, and are.
  if (mandatory.length > 0) throw new RequestRefused(400, MESSAGES.mandatoryExtension)
  const additionalSlaves = fields['additional_slave_SAE_IDs'] ?? []
  if (!Array.isArray(additionalSlaves) || !additionalSlaves.every(isIdentifier)) {
    throw new RequestRefused(400, 'additional_slave_SAE_IDs shall be an array of SAE IDs')
  }
  return { number, size, additionalSlaves }
}

function readKeyIds(fields: JsonObject, isGet: boolean): string[] {
  const entries: unknown = isGet ? [{ key_ID: fields['key_ID'] }] : fields['key_IDs']
  if (!Array.isArray(entries) || entries.length === 0) throw new RequestRefused(400, 'key_IDs shall name a key')
  const keyIds = entries.map((entry: unknown) => (isJsonObject(entry) ? entry['key_ID'] : undefined))
  if (!keyIds.every(isIdentifier)) throw new RequestRefused(400, 'key_ID shall be a key_ID')
  if (new Set(keyIds).size !== keyIds.length) throw new RequestRefused(400, 'a key_ID is given twice')
  return keyIds
}

function isPositiveInteger(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0
}
