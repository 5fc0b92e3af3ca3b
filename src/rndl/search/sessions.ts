/** Real sessions, taped, in which one component has few bits of entropy. Both ends are honest and have not been changed. */
import { defaultProvider } from '../../crypto/index.js'
import { inProcessPair } from '../../qkd/index.js'
import { type Leaks, NO_LEAKS, type TapedConnection } from '../adversary/index.js'
import { startTap } from '../recorder/tap.js'
import { ask, serve } from '../sessions/exchange.js'
import { knownShares } from '../sessions/knownShares.js'
import { seededRandom } from '../trace/seededRandom.js'
import type { ComponentName } from './components.js'

export interface WeakSession {
  readonly tape: TapedConnection
  /** What the adversary is handed: all but the one component. */
  readonly leaks: Leaks
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
      const keyId: string[] = []
      const shares = knownShares(defaultProvider(), (length) => {
        const octets = random(length)
        // d ‖ z ‖ scalar
        if (component === 'mlkemSeed') octets.set(secret, 0)
        if (component === 'curveScalar') octets.set(secret, length - secret.length)
        return octets
      })
      const source = {
        ...atClient,
        async getKey(peerSaeId: string) {
          const fresh = await atClient.getKey(peerSaeId)
          keyId.push(fresh.keyId)
          return fresh
        },
      }
      const request = `request ${Buffer.from(random(24)).toString('hex')}`
      const qkd = { source, localSaeId: CLIENT, peerSaeId: SERVER }
      await ask(tap.port, { qkd, crypto: shares.crypto }, request)
      await tap.idle()
      const all = { ...NO_LEAKS, ...shares.broken, qkdKeys: new Map(keyId.map((id) => [id, Uint8Array.from(qkdKey)])) }
      return { tape: tap.tape.at(-1) as TapedConnection, leaks: withhold(all, component), request }
    },
    async close() {
      await tap.close()
      await server.close()
    },
  }
}

function withhold(leaks: Leaks, component: ComponentName): Leaks {
  if (component === 'qkdKey') return { ...leaks, qkdKeys: new Map() }
  return component === 'curveScalar' ? { ...leaks, curveKeys: new Map() } : { ...leaks, decapsulationSeeds: new Map() }
}
