/** One handshake looked at from all sides: its messages, its records, and every operation of either end. */
import type { CipherSuiteName } from '../../crypto/cipherSuites.js'
import type { CryptoProvider } from '../../crypto/provider.js'
import { CoreEnds, type Side } from '../handshakes/coreHandshake.js'
import { endsOf } from '../handshakes/ends.js'
import { DEFAULT_SUITE, type Mode } from '../handshakes/modes.js'
import { type MessageName, messagesIn } from './messages.js'
import { meteredProvider } from './meteredProvider.js'
import type { Operation } from './operation.js'

export interface ObservedMessage {
  readonly from: Side
  readonly name: MessageName
  /** Octets, header included. */
  readonly length: number
}

export interface Observation {
  readonly cipherSuite: CipherSuiteName
  readonly messages: readonly ObservedMessage[]
  /** Octets on the wire, record headers included, tickets too. */
  readonly wire: Readonly<Record<Side, number>>
  readonly operations: Readonly<Record<Side, readonly Operation[]>>
  /** Octets of the flights in their order, tickets too. */
  readonly flights: readonly { readonly from: Side; readonly bytes: number }[]
}

const HANDSHAKE = 22

export async function observe(mode: Mode, provider: CryptoProvider): Promise<Observation> {
  let turn: Side | null = null
  let watching = false
  const operations: Record<Side, Operation[]> = { client: [], server: [] }
  const messages: ObservedMessage[] = []
  const flights: { from: Side; bytes: number }[] = []
  const see = (from: Side, octets: Uint8Array) => {
    for (const { name, length } of messagesIn(octets)) messages.push({ from, name, length })
  }
  const crypto = meteredProvider(provider, (operation, work) => {
    if (watching && turn !== null) operations[turn].push(operation)
    return work()
  })
  const ends = new CoreEnds(
    mode,
    endsOf(
      mode,
      sealSpy(crypto, (octets) => watching && turn !== null && see(turn, octets)),
    ),
  )
  // The first one fills what is remembered: chains, keys, the ticket to resume with.
  await ends.run()
  watching = true
  await ends.run({
    onTurn: (side) => {
      turn = side
    },
    onTransmit: (from, octets) => {
      for (const content of plainHandshakeRecords(octets)) see(from, content)
      const last = flights.at(-1)
      if (last?.from === from) last.bytes += octets.length
      else flights.push({ from, bytes: octets.length })
    },
  })
  const wire = (side: Side) => flights.reduce((sum, { from, bytes }) => sum + (from === side ? bytes : 0), 0)
  return {
    cipherSuite: mode.cipher ?? DEFAULT_SUITE,
    messages,
    wire: { client: wire('client'), server: wire('server') },
    operations,
    flights,
  }
}

/** Octets of all messages of one kind. */
export function lengthOf(observation: Observation, from: Side, name: MessageName): number {
  return observation.messages.reduce(
    (sum, message) => sum + (message.from === from && message.name === name ? message.length : 0),
    0,
  )
}

export function countOf(observation: Observation, from: Side, name: MessageName): number {
  return observation.messages.filter((message) => message.from === from && message.name === name).length
}

/** Shows the content of handshake records before they are sealed. */
function sealSpy(provider: CryptoProvider, see: (octets: Uint8Array) => void): CryptoProvider {
  return {
    ...provider,
    aead(algorithm, key) {
      const aead = provider.aead(algorithm, key)
      return {
        seal(nonce, aad, content, trailer, out) {
          if (trailer.length === 1 && trailer[0] === HANDSHAKE) see(content)
          aead.seal(nonce, aad, content, trailer, out)
        },
        sealInPieces(nonce, aad, content, trailer) {
          if (trailer.length === 1 && trailer[0] === HANDSHAKE) see(content)
          return aead.sealInPieces(nonce, aad, content, trailer)
        },
        open: (nonce, aad, sealed) => aead.open(nonce, aad, sealed),
        wipe: () => aead.wipe(),
      }
    },
  }
}

function plainHandshakeRecords(octets: Uint8Array): Uint8Array[] {
  const contents: Uint8Array[] = []
  for (let offset = 0; offset < octets.length; ) {
    const length = ((octets[offset + 3] as number) << 8) | (octets[offset + 4] as number)
    if (octets[offset] === HANDSHAKE) contents.push(octets.subarray(offset + 5, offset + 5 + length))
    offset += 5 + length
  }
  return contents
}
