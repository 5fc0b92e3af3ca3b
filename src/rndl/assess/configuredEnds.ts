/** A user's own options, with a harness around what they are made of: the provider, the key sources, the ticket keys. */
import { toHex, utf8 } from '../../bytes.js'
import { defaultProvider } from '../../crypto/index.js'
import { TrefoilError } from '../../errors.js'
import type { ConnectionOptions, ServerOptions, TLSOptions } from '../../node/options.js'
import type { PskOption } from '../../node/psk/index.js'
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
    ...(options.qkd !== undefined && { qkd: { ...options.qkd, source: noting(options.qkd.source, qkdPool) } }),
  })
  const ticketKeys = server.ticketKeys ?? seededRandom(seed, 'ticket keys')(48)
  return {
    client: { ...observed(client, 'client'), servername: client.servername ?? client.host ?? 'localhost' },
    server: { ...observed(server, 'server'), ...(server.tickets !== false && { ticketKeys }) },
    traces,
    qkdPool,
    belongings: {
      authPsks: offeredPsks(client),
      ticketKeys: server.tickets === false ? null : toHex(ticketKeys),
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

/** A client offers the first key of each. */
function offeredPsks({ psk = [] }: ConnectionOptions): Map<Hex, Hex> {
  const entries = Array.isArray(psk) ? psk : [psk as PskOption]
  return new Map(
    entries.map(({ identity, key }) => {
      const offered: Uint8Array = key instanceof Uint8Array ? key : (key[0] ?? new Uint8Array(0))
      return [toHex(typeof identity === 'string' ? utf8(identity) : identity), toHex(offered)]
    }),
  )
}
