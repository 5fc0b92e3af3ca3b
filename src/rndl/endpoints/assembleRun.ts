/** Puts together what is known of a run: tapes, what both ends computed, what could leak of it, and what it protected. */
import { toHex, utf8 } from '../../bytes.js'
import type { TapedConnection } from '../adversary/index.js'
import type { ProtectedThing, ProtectedThingName, RecordedRun } from '../model.js'
import type { Hex } from '../trace/trace.js'
import type { Belongings } from './belongings.js'
import type { EndFacts } from './facts.js'
import { collectLeaks } from './leaks.js'
import { RESUMED, type Script, SESSION } from './script.js'

export interface Played {
  readonly scenario: string
  readonly script: Script
  readonly belongings: Belongings
  readonly tape: readonly TapedConnection[]
  readonly client: EndFacts
  readonly server: EndFacts
  /** Keys that the key managers gave out, by key_ID. */
  readonly qkdPool: ReadonlyMap<string, Hex>
  /**
   * Links by which keys were delivered and that somebody may have taped: `keyLog` (RFC 9850) where the tapes are here too,
   * else `untaped`. Null when nothing was delivered over such a link.
   */
  readonly delivery: { readonly keyLog: string } | { readonly untaped: true } | null
}

export function assembleRun(played: Played): RecordedRun {
  const { scenario, tape, client, server } = played
  return {
    scenario,
    tape,
    trace: [...client.trace, ...server.trace],
    leaks: collectLeaks(played),
    things: collectThings(played),
    protections: client.connections.map(({ protection }) => protection),
    keyLog: client.connections.flatMap(({ keyLog }) => keyLog.map((line) => `${line}\n`)).join(''),
  }
}

function collectThings({ script, client, server }: Played): ProtectedThing[] {
  const things: ProtectedThing[] = []
  const add = (name: ProtectedThingName, connection: string, octets: Hex | undefined) => {
    if (octets !== undefined) things.push({ name, connection, octets })
  }
  const phrase = (connection: string, index: number, which: 'request' | 'response'): Hex | undefined => {
    const text = script.connections.find(({ name }) => name === connection)?.exchanges[index]?.[which]
    return text === undefined ? undefined : toHex(utf8(text))
  }
  const session = client.connections.find(({ name }) => name === SESSION)
  // Certificates pass when the ends first meet.
  const meeting = script.connections[0]?.name ?? SESSION
  add('serverCertificate', meeting, client.connections[0]?.peerCertificate ?? undefined)
  add('clientCertificate', meeting, server.connections[0]?.peerCertificate ?? undefined)
  add('request', SESSION, phrase(SESSION, 0, 'request'))
  add('response', SESSION, phrase(SESSION, 0, 'response'))
  add('requestAfterKeyUpdate', SESSION, phrase(SESSION, 1, 'request'))
  add('responseAfterKeyUpdate', SESSION, phrase(SESSION, 1, 'response'))
  // The one that the session is resumed with, where it is.
  add('ticket', SESSION, session?.sessions[0]?.resumptionPsk)
  add('exporter', SESSION, session?.exported)
  add('resumedRequest', RESUMED, phrase(RESUMED, 0, 'request'))
  add('resumedResponse', RESUMED, phrase(RESUMED, 0, 'response'))
  return things
}
