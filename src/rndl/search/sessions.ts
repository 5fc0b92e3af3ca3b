/** Real sessions, taped, in which one component has few bits of entropy. Both ends are honest and have not been changed. */
import { concat, copy, toHex } from '../../bytes.js'
import { defaultProvider } from '../../crypto/index.js'
import { inProcessPair, type KeySource } from '../../qkd/index.js'
import { type Leaks, NO_LEAKS, type TapedConnection } from '../adversary/index.js'
import { startTap } from '../recorder/tap.js'
import { ask, serve } from '../sessions/exchange.js'
import { knownShares } from '../sessions/knownShares.js'
import { seededRandom } from '../trace/seededRandom.js'
import type { ComponentName } from './components.js'

export interface WeakSession {
  readonly tape: TapedConnection
  /** What the adversary has: all other components, and what he takes the one to be; null when he knows nothing of it. */
  readonly leaksWith: (secret: Uint8Array | null) => Leaks
  /** What the client said, and the tape must not give away. */
  readonly request: string
}

export interface SessionRecorder {
  /** Records a session with that secret as one component; the others are random. */
  record(component: ComponentName, secret: Uint8Array): Promise<WeakSession>
  close(): Promise<void>
}

const [CLIENT, SERVER] = ['searched-client', 'searched-server']

/** A server behind a tap, in the mode in which the QKD key alone authenticates. */
export async function startSessions(seed: Uint8Array): Promise<SessionRecorder> {
  const random = seededRandom(seed, 'searched sessions')
  let qkdKey: Uint8Array = new Uint8Array(32)
  const [atClient, atServer] = inProcessPair({
    siteA: CLIENT,
    siteB: SERVER,
    // An ID is of 16 octets, a key of 32.
    random: (length) => (length === qkdKey.length ? qkdKey : random(length)),
  })
  const server = await serve({ qkd: { source: atServer, localSaeId: SERVER, peerSaeId: CLIENT } }, (line) => line)
  const tap = await startTap({ port: server.port, name: (index) => `searched ${index}` })
  return {
    async record(component, secret) {
      qkdKey = component === 'qkdKey' ? secret : random(32)
      const shares = knownShares(defaultProvider(), (length) => {
        const octets = random(length)
        // d ‖ z ‖ scalar
        if (component === 'mlkemSeed') octets.set(secret, 0)
        if (component === 'curveScalar') octets.set(secret, length - secret.length)
        return octets
      })
      const keys = new Map<string, Uint8Array>()
      const source: KeySource = {
        ...atClient,
        async getKey(peerSaeId) {
          const fresh = await atClient.getKey(peerSaeId)
          keys.set(fresh.keyId, copy(fresh.key))
          return fresh
        },
      }
      const request = `request ${toHex(random(24))}`
      await ask(tap.port, { qkd: { source, localSaeId: CLIENT, peerSaeId: SERVER }, crypto: shares.crypto }, request)
      await tap.idle()
      const all: Leaks = { ...NO_LEAKS, ...shares.broken, qkdKeys: keys }
      const leaksWith = (found: Uint8Array | null): Leaks => replace(all, component, found)
      return { tape: tap.tape.at(-1) as TapedConnection, leaksWith, request }
    },
    async close() {
      await tap.close()
      await server.close()
    },
  }
}

function replace(leaks: Leaks, component: ComponentName, secret: Uint8Array | null): Leaks {
  switch (component) {
    case 'qkdKey':
      return { ...leaks, qkdKeys: valuesFrom(leaks.qkdKeys, secret) }
    case 'curveScalar':
      return { ...leaks, curveKeys: valuesFrom(leaks.curveKeys, secret) }
    case 'mlkemSeed':
      return { ...leaks, decapsulationSeeds: valuesFrom(leaks.decapsulationSeeds, secret) }
  }
}

/** `secret` in place of the first octets of each value; no entries without one. */
function valuesFrom(values: ReadonlyMap<string, Uint8Array>, secret: Uint8Array | null): Map<string, Uint8Array> {
  if (secret === null) return new Map()
  return new Map([...values].map(([name, value]) => [name, concat(secret, value.subarray(secret.length))]))
}
