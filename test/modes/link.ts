/** Two live key managers for a test file, and the QKD options of a client at site A and a server at site B. */
import { afterAll, beforeAll, beforeEach } from 'vitest'
import type { KeySource, QkdKey, QkdOption } from '../../src/index.js'
import type { KeyManagerFault, KeyManagerPairOptions } from '../../src/qkd/index.js'
import { type RunningKeyManagers, saeA, saeB, startKeyManagers } from '../support/kme.js'

/** Requests for keys seen since the test began: at the client's key manager and at the server's. */
export interface KeyCalls {
  readonly client: { readonly enc: number; readonly dec: number }
  readonly server: { readonly enc: number; readonly dec: number }
}

export interface Link {
  readonly managers: RunningKeyManagers
  client(more?: Partial<QkdOption>): QkdOption
  server(more?: Partial<QkdOption>): QkdOption
  calls(): KeyCalls
  /** Lets the key manager of one end misbehave until the test is over. */
  fault(end: 'client' | 'server', fault: KeyManagerFault | null): void
}

/** What a handshake costs: one key, fetched once by each end. */
export const ONE_KEY: KeyCalls = { client: { enc: 1, dec: 0 }, server: { enc: 0, dec: 1 } }
export const NO_KEY: KeyCalls = { client: { enc: 0, dec: 0 }, server: { enc: 0, dec: 0 } }
/** The client got a key that the server never asked for. */
export const CLIENT_KEY_ONLY: KeyCalls = { client: { enc: 1, dec: 0 }, server: { enc: 0, dec: 0 } }

export function useLink(options: Partial<KeyManagerPairOptions> = {}): Link {
  let managers: RunningKeyManagers
  let before: KeyCalls
  const count = (): KeyCalls => ({
    client: { enc: managers.a.counters.enc_keys, dec: managers.a.counters.dec_keys },
    server: { enc: managers.b.counters.enc_keys, dec: managers.b.counters.dec_keys },
  })
  beforeAll(async () => {
    managers = await startKeyManagers(options)
  })
  beforeEach(() => {
    managers.a.setFault(null)
    managers.b.setFault(null)
    before = count()
  })
  afterAll(() => managers.close())
  return {
    get managers() {
      return managers
    },
    client: (more = {}) => ({ source: managers.sourceA, localSaeId: saeA, peerSaeId: saeB, ...more }),
    server: (more = {}) => ({ source: managers.sourceB, localSaeId: saeB, peerSaeId: saeA, ...more }),
    calls() {
      const { client, server } = count()
      return {
        client: { enc: client.enc - before.client.enc, dec: client.dec - before.client.dec },
        server: { enc: server.enc - before.server.enc, dec: server.dec - before.server.dec },
      }
    },
    fault: (end, fault) => managers[end === 'client' ? 'a' : 'b'].setFault(fault),
  }
}

export interface Recorded extends KeySource {
  /** Copies of the fresh keys that went to the caller. */
  readonly given: QkdKey[]
}

/** The same source, which remembers the keys it gave. */
export function recorded(source: KeySource): Recorded {
  const given: QkdKey[] = []
  return {
    name: source.name,
    given,
    async getKey(peerSaeId, options) {
      const fresh = await source.getKey(peerSaeId, options)
      given.push({ keyId: fresh.keyId, key: Uint8Array.from(fresh.key) })
      return fresh
    },
    getKeyWithId: (peerSaeId, keyId, options) => source.getKeyWithId(peerSaeId, keyId, options),
    status: (peerSaeId, options) => source.status(peerSaeId, options),
  }
}

/** A dishonest client's source: it gives `key`, wherever that came from. */
export function forged(source: KeySource, key: QkdKey): KeySource {
  return { ...source, getKey: async () => ({ keyId: key.keyId, key: Uint8Array.from(key.key) }) }
}
