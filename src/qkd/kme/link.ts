/**
 * The stand-in for the quantum link between two key managers in separate processes: HTTPS with mutual authentication
 * over which one site tells the other the keys it gave out. A real link never sends keys; this one is as secret as
 * its TLS, and is for simulation.
 */
import { wipe } from '../../bytes.js'
import { Connection, type ConnectionOptions } from '../etsi014/connection.js'
import { fromBase64, isJsonObject, toBase64 } from '../etsi014/wire.js'
import { isIdentifier } from '../identifiers.js'
import type { QkdKey } from '../keySource.js'
import type { DeliverToPeer } from './site.js'
import type { KeyDelivery } from './waitingKeys.js'

export const LINK_PATH = '/link/v1/keys'

export interface KeyLink {
  readonly deliver: DeliverToPeer
  close(): Promise<void>
}

/** `options.cert` is the key manager's own certificate, whose common name is its KME ID. */
export function httpsKeyLink(options: ConnectionOptions): KeyLink {
  const connection = new Connection({ timeoutMilliseconds: 3000, ...options })
  return {
    async deliver({ master, slaves, keys }) {
      const body = {
        master_SAE_ID: master,
        slave_SAE_IDs: slaves,
        keys: keys.map(({ keyId, key }) => ({ key_ID: keyId, key: toBase64(key) })),
      }
      const { status } = await connection.exchange(LINK_PATH, body, undefined)
      if (status !== 200) throw new Error(`the other site refused the keys with status ${status}`)
    },
    close: () => connection.close(),
  }
}

/** The receiving end; null when the body is not a delivery. The caller wipes the keys. */
export function readDelivery(body: unknown): KeyDelivery | null {
  if (!isJsonObject(body)) return null
  const { master_SAE_ID: master, slave_SAE_IDs: slaves, keys } = body
  if (!isIdentifier(master) || !Array.isArray(slaves) || !slaves.every(isIdentifier) || !Array.isArray(keys))
    return null
  const read = keys.map(readKey)
  if (read.every((key) => key !== null)) return { master, slaves, keys: read }
  wipe(...read.map((entry) => entry?.key))
  return null
}

function readKey(entry: unknown): QkdKey | null {
  if (!isJsonObject(entry) || !isIdentifier(entry['key_ID']) || typeof entry['key'] !== 'string') return null
  const key = fromBase64(entry['key'])
  return key === null ? null : { keyId: entry['key_ID'], key }
}
