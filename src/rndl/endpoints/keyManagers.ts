/** The key managers of both sites, whose keys the harness knows beforehand. */
import { fromHex, toHex } from '../../bytes.js'
import { uuidFrom } from '../../qkd/identifiers.js'
import { createKeyManagerPair, type KeyManager, type KeyManagerFault } from '../../qkd/index.js'
import { seededRandom } from '../trace/seededRandom.js'
import type { Hex } from '../trace/trace.js'
import { type DeliveryParties, KEY_MANAGERS, SAES } from './materials.js'

export interface KeyManagerJob {
  readonly delivery: DeliveryParties
  readonly seed: Hex
}

export interface RunningKeyManagers {
  readonly ports: Readonly<Record<'client' | 'server', number>>
  setFault(site: 'client' | 'server', fault: KeyManagerFault | null): void
}

const KEY_LENGTH = 32

export async function startKeyManagers({ delivery, seed }: KeyManagerJob): Promise<RunningKeyManagers> {
  const { ids, material } = streams(seed)
  const site = (end: 'client' | 'server') => ({
    kmeId: KEY_MANAGERS[end],
    sae: [SAES[end]],
    tls: { ...delivery.keyManagers[end], ca: delivery.ca },
  })
  const pair = createKeyManagerPair({
    siteA: site('client'),
    siteB: site('server'),
    random: ids,
    material: () => ({ draw: material }),
    keySize: 8 * KEY_LENGTH,
  })
  const managers: Readonly<Record<'client' | 'server', KeyManager>> = { client: pair.a, server: pair.b }
  const listen = async (end: 'client' | 'server') => Number(new URL((await managers[end].listen(0)).url).port)
  return {
    ports: { client: await listen('client'), server: await listen('server') },
    setFault: (end, fault) => managers[end].setFault(fault),
  }
}

/** The first keys of that pool, by key_ID: the client's site gives them out in this order. */
export function keyPool(seed: Hex, count: number): Map<string, Hex> {
  const { ids, material } = streams(seed)
  return new Map(Array.from({ length: count }, () => [uuidFrom(ids(16)), toHex(material(KEY_LENGTH))]))
}

function streams(seed: Hex) {
  return { ids: seededRandom(fromHex(seed), 'key_IDs'), material: seededRandom(fromHex(seed), 'key material') }
}
