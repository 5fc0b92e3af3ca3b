/** What each component would give away of a run, if it fell. The order is that of LEAK_NAMES. */
import { fromHex, toHex, utf8 } from '../../bytes.js'
import type { Leaks } from '../adversary/index.js'
import type { LeakedValues, LeakName } from '../model.js'
import type { Hex, Trace, TraceStep } from '../trace/trace.js'
import type { Played } from './assembleRun.js'
import { SESSION } from './script.js'

/** Only those that are worth something here. */
export function collectLeaks(played: Played): LeakedValues[] {
  const { client, server, qkdPool, belongings } = played
  const trace = [...client.trace, ...server.trace]
  const exchanges = trace.filter((step) => step.kind === 'exchange')
  const curves = exchanges.filter(({ component }) => component === 'curve')
  const seeds = exchanges.filter(({ component, side }) => component === 'mlkem' && side === 'client')
  const encapsulated = exchanges.filter(({ component, side }) => component === 'mlkem' && side === 'server')
  const pool = [...qkdPool.values()]
  const qkdKeys = mapped(qkdPool)
  const sessions = client.connections.flatMap((connection) => connection.sessions)
  const memory = secretsInMemory(played, trace)
  const { authPsks, otherPsks = [], ticketKeys, signingKeys, caKeys } = belongings
  const psks = [...new Set([...authPsks.values(), ...otherPsks])]
  const all: LeakedValues[] = [
    leak('curve', { curveKeys: byShare(curves, 'privateOctets') }, octetsOf(curves, 'privateOctets')),
    leak('decapsulationKey', { decapsulationSeeds: byShare(seeds, 'privateOctets') }, octetsOf(seeds, 'privateOctets')),
    leak(
      'encapsulatedSecret',
      { encapsulatedSecrets: byShare(encapsulated, 'output') },
      octetsOf(encapsulated, 'output'),
    ),
    leak('qkdKeys', { qkdKeys }, pool),
    ofDelivery(played, pool, qkdKeys),
    leak('authPsk', { authPsks: mapped(authPsks) }, psks),
    // 16 octets of name stand before the key.
    leak(
      'ticketKeys',
      { ticketKeys: ticketKeys === null ? [] : [fromHex(ticketKeys)] },
      ticketKeys === null ? [] : [ticketKeys.slice(32)],
    ),
    leak(
      'sessionStore',
      {
        resumptionPsks: new Map(
          sessions.map(({ ticket, resumptionPsk, hash }) => [ticket, { psk: fromHex(resumptionPsk), hash }]),
        ),
      },
      sessions.map(({ resumptionPsk }) => resumptionPsk),
    ),
    leak('memory', { trafficSecrets: memory.map(fromHex) }, memory),
    leak('signingKeys', { signingKeys: signingKeys.map(fromHex) }, signingKeys),
    leak('caKeys', { signingKeys: caKeys.map(fromHex) }, caKeys),
  ]
  return all.filter(({ octets }) => octets.length > 0)
}

/** Of a taped link what its broken key exchange gives; of one that was not taped here, the keys that it brought. */
function ofDelivery({ delivery }: Played, pool: readonly Hex[], qkdKeys: Leaks['qkdKeys']): LeakedValues {
  if (delivery === null) return leak('deliveryLink', {}, [])
  // What comes out of the opened link are the same keys.
  if ('keyLog' in delivery) return leak('deliveryLink', { keyLog: readKeyLog(delivery.keyLog) }, pool)
  return leak('deliveryLink', { qkdKeys }, pool)
}

function mapped(hex: ReadonlyMap<string, Hex>): Map<string, Uint8Array> {
  return new Map([...hex].map(([name, octets]) => [name, fromHex(octets)]))
}

function leak(name: LeakName, values: Partial<Leaks>, octets: readonly Hex[]): LeakedValues {
  return { leak: name, values, octets }
}

type Exchange = Extract<TraceStep, { kind: 'exchange' }>

function byShare(steps: readonly Exchange[], what: 'privateOctets' | 'output'): Map<string, Uint8Array> {
  return new Map(steps.map((step) => [step.publicShare, fromHex(step[what])]))
}

function octetsOf(steps: readonly Exchange[], what: 'privateOctets' | 'output'): Hex[] {
  return steps.map((step) => step[what])
}

/** The traffic secrets that either end holds when the session is over: KeyUpdates have replaced the earlier ones. */
function secretsInMemory({ client }: Played, trace: Trace): Hex[] {
  const session = client.connections.find(({ name }) => name === SESSION)
  const first = (session?.keyLog ?? []).flatMap((line) => /_TRAFFIC_SECRET_0 \S+ (\S+)$/.exec(line)?.[1] ?? [])
  return first.map((secret) => latest(secret, trace))
}

/** RFC 9846 7.2: HkdfLabel has the label with `tls13 ` before it. */
const UPDATE_LABEL = toHex(utf8('tls13 traffic upd'))

function latest(secret: Hex, trace: Trace): Hex {
  const updates = trace.filter((step) => step.kind === 'mac' && step.data.includes(UPDATE_LABEL))
  let current = secret
  for (;;) {
    const next = updates.find((step) => step.kind === 'mac' && step.key === current && step.output !== current)
    if (next?.kind !== 'mac') return current
    current = next.output
  }
}

/** RFC 9850: label, client random, secret. */
function readKeyLog(text: string): Map<string, Map<string, Uint8Array>> {
  const log = new Map<string, Map<string, Uint8Array>>()
  for (const line of text.split('\n')) {
    const [label, random, secret] = line.trim().split(' ')
    if (label === undefined || random === undefined || secret === undefined) continue
    const entry = log.get(random) ?? new Map<string, Uint8Array>()
    entry.set(label, fromHex(secret))
    log.set(random, entry)
  }
  return log
}
