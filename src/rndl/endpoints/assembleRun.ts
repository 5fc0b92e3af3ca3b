/** Puts together what is known of a run: tapes, what both ends computed, what could leak of it, and what it protected. */
import { toHex, utf8 } from '../../bytes.js'
import type { TapedConnection } from '../adversary/index.js'
import type { ProtectedThing, ProtectedThingName, RecordedRun } from '../model.js'
import type { Setup } from '../scenarios/setup.js'
import type { Hex } from '../trace/trace.js'
import type { EndFacts } from './facts.js'
import { collectLeaks } from './leaks.js'
import type { Materials } from './materials.js'
import { partiesOf } from './options.js'
import { RESUMED, type Script, SESSION } from './script.js'

export interface Played {
  readonly scenario: string
  readonly setup: Setup
  readonly script: Script
  readonly materials: Materials
  readonly tape: readonly TapedConnection[]
  readonly client: EndFacts
  readonly server: EndFacts
  /** Keys that the key managers gave out, by key_ID. */
  readonly qkdPool: ReadonlyMap<string, Hex>
  /** Lines of RFC 9850 for the taped delivery links; null when nothing was delivered over a link. */
  readonly deliveryKeyLog: string | null
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

function collectThings({ setup, script, materials, client }: Played): ProtectedThing[] {
  const things: ProtectedThing[] = []
  const add = (name: ProtectedThingName, connection: string, octets: Hex | undefined) => {
    if (octets !== undefined) things.push({ name, connection, octets })
  }
  const phrase = (connection: string, index: number, which: 'request' | 'response'): Hex | undefined => {
    const text = script.connections.find(({ name }) => name === connection)?.exchanges[index]?.[which]
    return text === undefined ? undefined : toHex(utf8(text))
  }
  const session = client.connections.find(({ name }) => name === SESSION)
  const parties = setup.certificates === 'none' ? null : partiesOf(setup, materials)
  // Certificates pass when the ends first meet.
  const meeting = script.connections[0]?.name ?? SESSION
  add('serverCertificate', meeting, parties?.server.der)
  add('clientCertificate', meeting, setup.certificates === 'mutual' ? parties?.client.der : undefined)
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
