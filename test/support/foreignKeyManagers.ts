/**
 * Servers with the habits of key managers that others have written, as far as they are known: wrong in places, and to be
 * got along with.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { type CannedReply, type RunningServer, type SeenRequest, startHttpsServer } from './httpsServer.js'
import { saeA, saeB } from './kme.js'

const PATH = /^\/api\/v1\/keys\/([^/?]+)\/(status|enc_keys|dec_keys)(?:\?(.*))?$/

interface Parsed {
  readonly peer: string
  readonly method: string
  readonly keyIds: string[]
  readonly body: { number?: number; size?: number }
}

function parse(request: SeenRequest): Parsed | null {
  const match = PATH.exec(request.target)
  if (match === null) return null
  const body = (request.body ?? {}) as { number?: number; size?: number; key_IDs?: { key_ID: string }[] }
  const inQuery = new URLSearchParams(match[3] ?? '').getAll('key_ID')
  const keyIds = [...inQuery, ...(body.key_IDs ?? []).map(({ key_ID }) => key_ID)]
  return { peer: decodeURIComponent(match[1] as string), method: match[2] as string, keyIds, body }
}

const page = (status: number): CannedReply => ({
  status,
  headers: { 'content-type': 'text/html' },
  body: `<!doctype html><title>${status}</title><h1>Error</h1>`,
})

/**
 * After next-door-key-simulator: the certificate's common name is the SAE ID; GET of enc_keys hands out one key of the
 * default size whatever number and size say; 401 comes with a page, an unknown SAE with 400; keys can be taken once.
 */
export function startNextDoorKeyManager(): Promise<RunningServer> {
  const keys = new Map<string, string>()
  return startHttpsServer((request) => {
    if (request.client !== saeA && request.client !== saeB) return page(401)
    const asked = parse(request)
    if (asked === null) return page(404)
    if (asked.peer !== saeA && asked.peer !== saeB) return { status: 400, body: { message: 'SAE is unknown' } }
    if (asked.method === 'status') {
      // More stored than there is room for.
      const counts = { stored_key_count: 1500, max_key_count: 1000, max_key_per_request: 128, max_SAE_ID_count: 0 }
      const ids = { source_KME_ID: '1', target_KME_ID: '2', master_SAE_ID: request.client, slave_SAE_ID: asked.peer }
      return { body: { ...ids, ...counts, key_size: 256, max_key_size: 1024, min_key_size: 64 } }
    }
    if (asked.method === 'enc_keys') {
      const { number = 1, size = 256 } = request.method === 'GET' ? {} : asked.body
      const made = Array.from({ length: number }, () => ({
        key_ID: randomUUID(),
        key: randomBytes(size / 8).toString('base64'),
      }))
      for (const { key_ID, key } of made) keys.set(key_ID, key)
      return { body: { keys: made } }
    }
    if (!asked.keyIds.every((id) => keys.has(id))) {
      return { status: 400, body: { message: 'One or more keys could not be found.' } }
    }
    const taken = asked.keyIds.map((key_ID) => ({ key_ID, key: keys.get(key_ID) }))
    for (const id of asked.keyIds) keys.delete(id)
    return { body: { keys: taken } }
  })
}

/**
 * After arnika's mock, here behind TLS: one 256-bit key a request, 404 in plain text for a key it does not know, and a
 * key can be fetched any number of times.
 */
export function startForgetfulKeyManager(): Promise<RunningServer> {
  const keys = new Map<string, string>()
  return startHttpsServer((request) => {
    const asked = parse(request)
    const notFound = { status: 404, headers: { 'content-type': 'text/plain' }, body: 'key not found\n' }
    if (asked === null) return notFound
    if (asked.method === 'enc_keys') {
      const key_ID = randomUUID()
      const key = randomBytes(32).toString('base64')
      keys.set(key_ID, key)
      return { body: { keys: [{ key_ID, key }] } }
    }
    const [key_ID = ''] = asked.keyIds
    const key = keys.get(key_ID)
    return key === undefined ? notFound : { body: { keys: [{ key_ID, key }] } }
  })
}

/** One that takes sizes in bits for bytes, in what it gives and in what it says it can give. */
export function startBitsForBytesKeyManager(): Promise<RunningServer> {
  return startHttpsServer((request) => {
    const asked = parse(request)
    if (asked?.method === 'status') {
      const counts = { stored_key_count: 10, max_key_count: 10, max_key_per_request: 1 }
      return { body: { ...counts, key_size: 32, min_key_size: 16, max_key_size: 64 } }
    }
    return { body: { keys: [{ key_ID: randomUUID(), key: randomBytes(asked?.body.size ?? 256).toString('base64') }] } }
  })
}
