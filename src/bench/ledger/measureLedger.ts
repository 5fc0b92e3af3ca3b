/** What a handshake of each mode costs, all in one table: octets, processor time, key-manager time, QKD bits. */
import { hasFeature, nodeProvider } from '../../crypto/index.js'
import { CoreEnds, type Side } from '../handshakes/coreHandshake.js'
import { endsOf } from '../handshakes/ends.js'
import { type KeySources, memorySources } from '../handshakes/keySources.js'
import { type Mode, type ModeOptions, selectModes } from '../handshakes/modes.js'
import { MESSAGE_NAMES, type MessageName } from '../meter/messages.js'
import { countOf, lengthOf, type Observation, observe } from '../meter/observe.js'
import { rounded } from '../report/figures.js'
import type { Section, Table } from '../report/sections.js'
import { median } from '../spread.js'
import { type Flight, measureFlights } from './flights.js'
import { withKeyManagers } from './keyManagers.js'

export interface LedgerEntry {
  readonly mode: string
  /** On the wire, record headers and tickets included. */
  readonly octets: Readonly<Record<Side, number>>
  /** Of each message, without record headers. */
  readonly messages: readonly { readonly from: Side; readonly name: MessageName; readonly octets: number }[]
  readonly flights: readonly Flight[]
  readonly cpuMicroseconds: Readonly<Record<Side, number>>
  /** Milliseconds that each end waits for its key manager on the loopback interface; null where none is asked. */
  readonly keyManager: Readonly<Record<Side, number>> | null
  readonly qkdBits: number
}

export interface LedgerResult {
  readonly entries: readonly LedgerEntry[]
}

const LEDGER = 'ledger'

export async function measureLedger(options: ModeOptions): Promise<Section<LedgerResult>> {
  const { quick, signal } = options
  const native = hasFeature('sign mldsa65')
  const extent = { rounds: quick ? (native ? 8 : 3) : 60, warmUp: quick ? 2 : 10, signal }
  const entries: LedgerEntry[] = []
  for (const mode of selectModes(options)) {
    options.onProgress?.(`ledger of ${mode.name}`)
    entries.push(await entryOf(mode, extent))
  }
  return {
    name: LEDGER,
    result: { entries },
    tables: [ledgerTable(entries), messageTable(entries)],
    plots: [
      {
        title: 'Octets of a handshake on the wire',
        kind: 'bars',
        xLabel: 'mode',
        yLabel: 'octets',
        series: (['client', 'server'] as const).map((side) => ({
          name: `from the ${side}`,
          points: entries.map(({ mode, octets }) => [mode, octets[side]] as const),
        })),
      },
    ],
  }
}

/** For the network model: of the ledger among the parts before, or measured for it. */
export async function ledgerEntries(
  options: ModeOptions,
  earlier: readonly Section[],
): Promise<readonly LedgerEntry[]> {
  const ledger = earlier.find(({ name }) => name === LEDGER) ?? (await measureLedger(options))
  return (ledger as Section<LedgerResult>).result.entries
}

async function entryOf(mode: Mode, extent: Parameters<typeof measureFlights>[2]): Promise<LedgerEntry> {
  const observation = await observe(mode, nodeProvider)
  const [measured] = await measureFlights([mode], nodeProvider, extent)
  const flights = measured?.flights ?? []
  const spent = (side: Side) =>
    flights.reduce((sum, { from, cpuMicroseconds }) => sum + (from === side ? cpuMicroseconds : 0), 0)
  return {
    mode: mode.name,
    octets: observation.wire,
    messages: messagesOf(observation),
    flights,
    cpuMicroseconds: { client: spent('client'), server: spent('server') },
    keyManager: mode.qkd === true ? await waitingTimes(mode, extent.rounds) : null,
    qkdBits: await qkdBitsOf(mode),
  }
}

function messagesOf(observation: Observation): LedgerEntry['messages'] {
  return (['client', 'server'] as const).flatMap((from) =>
    MESSAGE_NAMES.filter((name) => countOf(observation, from, name) > 0).map((name) => ({
      from,
      name,
      octets: lengthOf(observation, from, name),
    })),
  )
}

/** With key managers that answer over mutual TLS, as real ones do. */
function waitingTimes(mode: Mode, rounds: number): Promise<Readonly<Record<Side, number>>> {
  return withKeyManagers(async (sources) => {
    const ends = new CoreEnds(mode, endsOf(mode, nodeProvider, sources))
    // The first connects.
    await ends.run()
    const times: Readonly<Record<Side, number>>[] = []
    for (let i = 0; i < rounds; i++) times.push(await ends.run())
    const middle = (side: Side) => rounded(median(times.map((time) => time[side])), 2)
    return { client: middle('client'), server: middle('server') }
  })
}

/** Counted where they are given out. */
async function qkdBitsOf(mode: Mode): Promise<number> {
  let bits = 0
  const [client, server] = memorySources()
  const counted: KeySources = [
    {
      name: client.name,
      deliveryLink: client.deliveryLink ?? null,
      async getKey(peerSaeId, options) {
        const given = await client.getKey(peerSaeId, options)
        bits += 8 * given.key.length
        return given
      },
      getKeyWithId: (peerSaeId, keyId, options) => client.getKeyWithId(peerSaeId, keyId, options),
      status: (peerSaeId, options) => client.status(peerSaeId, options),
    },
    server,
  ]
  const ends = new CoreEnds(mode, endsOf(mode, nodeProvider, counted))
  await ends.run()
  // Of a session that is resumed, the handshake before has used what there was to use.
  const before = mode.resumed === true ? bits : 0
  if (mode.resumed === true) await ends.run()
  return bits - before
}

function ledgerTable(entries: readonly LedgerEntry[]): Table {
  return {
    title: 'Cost ledger',
    note:
      'One handshake of each mode, tickets included. Octets on the wire with record headers; processor time of the core in ' +
      'memory (median); what each end waits for an embedded ETSI GS QKD 014 key manager over mutual TLS on the loopback ' +
      'interface; bits of QKD key used up. One suite and one group are offered.',
    columns: [
      'mode',
      'client octets',
      'server octets',
      'flights',
      'client CPU µs',
      'server CPU µs',
      'client KME ms',
      'server KME ms',
      'QKD bits',
    ],
    rows: entries.map(({ mode, octets, flights, cpuMicroseconds, keyManager, qkdBits }) => [
      mode,
      octets.client,
      octets.server,
      flights.length,
      cpuMicroseconds.client,
      cpuMicroseconds.server,
      keyManager?.client ?? null,
      keyManager?.server ?? null,
      qkdBits,
    ]),
  }
}

function messageTable(entries: readonly LedgerEntry[]): Table {
  const columns = (['client', 'server'] as const).flatMap((from) =>
    MESSAGE_NAMES.filter((name) => entries.some((entry) => octetsOf(entry, from, name) !== null)).map((name) => ({
      from,
      name,
    })),
  )
  return {
    title: 'Octets by message',
    note: 'Whole handshake messages, without record headers, inner types and tags. Several of one kind are added up.',
    columns: ['mode', ...columns.map(({ from, name }) => `${from} ${name}`)],
    rows: entries.map((entry) => [entry.mode, ...columns.map(({ from, name }) => octetsOf(entry, from, name))]),
  }
}

function octetsOf({ messages }: LedgerEntry, from: Side, name: MessageName): number | null {
  return messages.find((message) => message.from === from && message.name === name)?.octets ?? null
}
