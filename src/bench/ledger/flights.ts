/** The flights of each mode: who sends how much, and what it takes to make them. */
import type { CryptoProvider } from '../../crypto/provider.js'
import { CoreEnds, type Side } from '../handshakes/coreHandshake.js'
import { endsOf } from '../handshakes/ends.js'
import type { Mode } from '../handshakes/modes.js'
import { processorMicroseconds } from '../rounds.js'
import { median } from '../spread.js'

export interface Flight {
  readonly from: Side
  /** On the wire, record headers included. */
  readonly bytes: number
  /** Processor time of the sender since its flight before, the reading of the peer's included. */
  readonly cpuMicroseconds: number
}

export interface ModeFlights {
  readonly mode: string
  readonly flights: readonly Flight[]
}

export interface FlightOptions {
  readonly rounds: number
  readonly warmUp: number
  readonly signal?: AbortSignal | undefined
}

/** Medians over handshakes in memory, with the handlers of a socket. */
export async function measureFlights(
  modes: readonly Mode[],
  provider: CryptoProvider,
  { rounds, warmUp, signal }: FlightOptions,
): Promise<ModeFlights[]> {
  const measured: ModeFlights[] = []
  for (const mode of modes) {
    signal?.throwIfAborted()
    const ends = new CoreEnds(mode, endsOf(mode, provider))
    for (let i = 0; i < warmUp; i++) await ends.run()
    const handshakes: Flight[][] = []
    for (let i = 0; i < rounds; i++) handshakes.push(await flightsOf(ends))
    measured.push({ mode: mode.name, flights: medians(handshakes) })
  }
  return measured
}

async function flightsOf(ends: CoreEnds): Promise<Flight[]> {
  const spent: Record<Side, number> = { client: 0, server: 0 }
  let turn: Side | null = null
  let since = 0
  const charge = () => {
    const now = processorMicroseconds()
    if (turn !== null) spent[turn] += now - since
    since = now
  }
  const flights: { from: Side; bytes: number; cpuMicroseconds: number }[] = []
  await ends.run({
    onTurn: (side) => {
      charge()
      const last = flights.at(-1)
      // Its turn is over: that is what the flight has taken.
      if (last !== undefined && turn === last.from) {
        last.cpuMicroseconds += spent[turn]
        spent[turn] = 0
      }
      turn = side
    },
    onTransmit: (from, octets) => {
      const last = flights.at(-1)
      if (last?.from === from) last.bytes += octets.length
      else flights.push({ from, bytes: octets.length, cpuMicroseconds: 0 })
    },
  })
  return flights
}

function medians(handshakes: readonly (readonly Flight[])[]): Flight[] {
  const [first = []] = handshakes
  return first.map(({ from, bytes }, place) => ({
    from,
    bytes,
    cpuMicroseconds: Math.round(median(handshakes.map((flights) => flights[place]?.cpuMicroseconds ?? 0))),
  }))
}
