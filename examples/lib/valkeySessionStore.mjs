// A session store for Trefoil in Valkey, or in Redis from 6.2. Both have what it takes: an expiry in absolute time (PXAT)
// and GETDEL, which gives a value and removes it in one step, so that of two hosts only one gets the session.
import { createClient, RESP_TYPES } from '@redis/client'

/** A connected client. While the connection is down its commands fail at once instead of waiting in line. */
export async function connectToValkey(options) {
  const client = createClient({ ...options, disableOfflineQueue: true })
  // It goes on trying to connect; without a listener the first failure would end the process.
  client.on('error', (error) => console.error(`valkey: ${error.message || error.code}`))
  return client.connect()
}

/** For the option `sessionStore` of createServer. */
export function valkeySessionStore(client, prefix = 'trefoil:session:') {
  const octets = { [RESP_TYPES.BLOB_STRING]: Buffer }
  return {
    async set(id, state, { expiresAt, signal }) {
      const expiration = { type: 'PXAT', value: Math.floor(expiresAt) }
      await client.withAbortSignal(signal).set(prefix + id, Buffer.from(state), { expiration, condition: 'NX' })
    },
    take: (id, { signal }) =>
      client
        .withAbortSignal(signal)
        .withTypeMapping(octets)
        .getDel(prefix + id),
  }
}
