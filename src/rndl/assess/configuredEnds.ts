/** A user's own options, with a harness around what they are made of: the provider, the key sources, the ticket keys. */
import { toHex, utf8 } from '../../bytes.js'
import { defaultProvider } from '../../crypto/index.js'
import { TrefoilError } from '../../errors.js'
import type { ConnectionOptions, ServerOptions, TLSOptions } from '../../node/options.js'
import type { PskLookup, PskOption } from '../../node/psk/index.js'
import type { Belongings, Side } from '../endpoints/index.js'
import { noting } from '../endpoints/index.js'
import { instrument } from '../trace/instrument.js'
import { seededRandom } from '../trace/seededRandom.js'
import type { Hex, TraceStep } from '../trace/trace.js'

export interface ConfiguredEnds {
  readonly client: ConnectionOptions
  readonly server: ServerOptions
  /** Filled while the ends play. */
  readonly traces: Readonly<Record<Side, TraceStep[]>>
  readonly qkdPool: ReadonlyMap<string, Hex>
  readonly belongings: Belongings
}

/** @throws TrefoilError ERR_INVALID_OPTION for options that hide from the harness what the ends compute with */
export function configureEnds(client: ConnectionOptions, server: ServerOptions, seed: Uint8Array): ConfiguredEnds {
  refuseHidden(client, ['secureContext', 'socket', 'session'])
  refuseHidden(server, ['secureContext', 'SNICallback'])
  const traces: Record<Side, TraceStep[]> = { client: [], server: [] }
  const qkdPool = new Map<string, Hex>()
  const observed = <Options extends TLSOptions>(options: Options, side: Side): Options => ({
    ...options,
    crypto: instrument(options.crypto ?? defaultProvider(), {
      random: seededRandom(seed, side),
      record: (step) => void traces[side].push(step),
    }),
    // What is no source is left to the end to refuse.
    ...(options.qkd?.source && { qkd: { ...options.qkd, source: noting(options.qkd.source, qkdPool) } }),
  })
  const serverPsks = keysOf(server.psk)
  const ticketKeys = server.ticketKeys ?? seededRandom(seed, 'ticket keys')(48)
  const [sealing] = [ticketKeys].flat()
  return {
    client: {
      ...observed(client, 'client'),
      ...BESIDE_THE_TAP,
      servername: client.servername ?? client.host ?? 'localhost',
    },
    server: {
      ...observed(server, 'server'),
      ...(typeof server.psk === 'function' && { psk: notingPsks(server.psk, serverPsks) }),
      ...(server.tickets !== false && { ticketKeys }),
    },
    traces,
    qkdPool,
    belongings: {
      authPsks: offeredPsks(client),
      otherPsks: serverPsks,
      ticketKeys: server.tickets === false || sealing === undefined ? null : toHex(sealing),
      // Nothing that was recorded follows from them: the matrix of the harness shows it with keys of its own.
      signingKeys: [],
      caKeys: [],
    },
  }
}

function refuseHidden<Options extends object>(options: Options, names: readonly (keyof Options & string)[]): void {
  const hidden = names.find((name) => options[name] !== undefined)
  if (hidden === undefined) return
  throw new TrefoilError('ERR_INVALID_OPTION', `an assessment needs what ${hidden} is made of in its place`)
}

/** Ways to a server that is somewhere else. */
const BESIDE_THE_TAP = {
  path: undefined,
  lookup: undefined,
  family: undefined,
  localAddress: undefined,
  localPort: undefined,
} as const

/** A client offers the first key of each. What is none is left to the client to refuse. */
function offeredPsks({ psk }: ConnectionOptions): Map<Hex, Hex> {
  return new Map(
    listOf(psk).flatMap(({ identity, key }) => {
      const [offered] = [key].flat()
      if (!(offered instanceof Uint8Array) || !(typeof identity === 'string' || identity instanceof Uint8Array))
        return []
      return [[toHex(typeof identity === 'string' ? utf8(identity) : identity), toHex(offered)]]
    }),
  )
}

/** All keys that a server tries, the one that is being replaced among them. */
function keysOf(psk: ServerOptions['psk']): Set<Hex> {
  return new Set(typeof psk === 'function' ? [] : listOf(psk).flatMap(hexOfKeys))
}

function notingPsks(lookup: PskLookup, found: Set<Hex>): PskLookup {
  return async (...asked) => {
    const answer = await lookup(...asked)
    if (answer) for (const key of hexOfKeys(answer)) found.add(key)
    return answer
  }
}

function hexOfKeys({ key }: Pick<PskOption, 'key'>): Hex[] {
  return [key].flat().flatMap((each) => (each instanceof Uint8Array ? [toHex(each)] : []))
}

function listOf(psk: unknown): readonly PskOption[] {
  return [psk].flat().filter((each): each is PskOption => typeof each === 'object' && each !== null)
}
