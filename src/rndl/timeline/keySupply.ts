/** The QKD keys of two sites, and a burglar in the client's key manager, for as long as he is there. */
import { copy } from '../../bytes.js'
import type { QkdOption } from '../../node/psk/index.js'
import { inProcessPair, type KeySource, type QkdKey } from '../../qkd/index.js'

const SAES = { client: 'timeline-client', server: 'timeline-server' } as const

export interface KeySupply {
  readonly client: QkdOption
  readonly server: QkdOption
  /** Every key that was given out so far, by key_ID. */
  readonly given: ReadonlyMap<string, Uint8Array>
  /** From now on the burglar sees which keys are given out. */
  burgle(): void
  /** He is thrown out, and keeps what he has. */
  evict(): void
  readonly burglar: Burglar
}

export interface Burglar {
  readonly stolen: ReadonlyMap<string, Uint8Array>
  /** To play the client's part towards the server, and the server's towards the client, with the keys he stole. */
  readonly asClient: QkdOption
  readonly asServer: QkdOption
}

/** @param random fresh octets */
export function makeKeySupply(random: (length: number) => Uint8Array): KeySupply {
  const given = new Map<string, Uint8Array>()
  const stolen = new Map<string, Uint8Array>()
  let isBurgled = false
  const [atClient, atServer] = inProcessPair({ siteA: SAES.client, siteB: SAES.server, random })
  const source: KeySource = {
    ...atClient,
    async getKey(peerSaeId, options) {
      const fresh = await atClient.getKey(peerSaeId, options)
      given.set(fresh.keyId, copy(fresh.key))
      if (isBurgled) stolen.set(fresh.keyId, copy(fresh.key))
      return fresh
    },
  }
  const loot: KeySource = {
    ...atClient,
    getKey: async () => keyOf([...stolen.keys()].at(-1) ?? NO_KEY_ID),
    getKeyWithId: async (_, keyId) => keyOf(keyId),
  }
  /** One of his own making, if he has not stolen that one. */
  function keyOf(keyId: string): QkdKey {
    return { keyId, key: copy(stolen.get(keyId) ?? random(32)) }
  }
  const asClient = (keys: KeySource): QkdOption => ({ source: keys, localSaeId: SAES.client, peerSaeId: SAES.server })
  const asServer = (keys: KeySource): QkdOption => ({ source: keys, localSaeId: SAES.server, peerSaeId: SAES.client })
  return {
    client: asClient(source),
    server: asServer(atServer),
    given,
    burgle() {
      isBurgled = true
    },
    evict() {
      isBurgled = false
    },
    burglar: { stolen, asClient: asClient(loot), asServer: asServer(loot) },
  }
}

/** For want of a key that was stolen. */
const NO_KEY_ID = '00000000-0000-4000-8000-000000000000'
