/** Where the ends that are measured get QKD keys: from memory, so that no key manager is measured along. */
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { inProcessPair, type KeySource } from '../../qkd/index.js'
import { SAES } from './materials.js'

/** For the client's end and the server's. */
export type KeySources = readonly [client: KeySource, server: KeySource]

/** Both ends in one process. */
export function memorySources(): KeySources {
  return inProcessPair({ siteA: SAES.client, siteB: SAES.server, random: (length) => randomBytes(length) })
}

/** For one end of two processes: each makes the key out of its key_ID and `secret`. No quantum was hurt. */
export function derivedSource(secret: string): KeySource {
  const keyOf = (keyId: string) => new Uint8Array(createHash('sha256').update(secret).update(keyId).digest())
  const give = (keyId: string) => Promise.resolve({ keyId, key: keyOf(keyId) })
  return {
    name: 'derived',
    getKey: () => give(randomUUID()),
    getKeyWithId: (_peerSaeId, keyId) => give(keyId),
    status: () => Promise.reject(new Error('a derived source keeps no account')),
  }
}
