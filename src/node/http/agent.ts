/** HTTP over Trefoil for Node's own client: `http.request({ agent: new Agent({ ca, … }) })`. */
import * as http from 'node:http'
import type { Duplex } from 'node:stream'
import { TrefoilError } from '../../errors.js'
import type { ConnectionOptions } from '../options.js'
import { ResumingClient } from '../sessions/resumingClient.js'
import { connectionOptions, nameOptions } from './poolName.js'

/** Options of http.Agent for the pool, and those of `connect` for every connection in it. */
export type AgentOptions = http.AgentOptions &
  Omit<ConnectionOptions, 'timeout' | 'signal' | 'host' | 'port' | 'socket' | 'session'> & {
    /** Sessions kept for resumption, in all; default 100, 0 keeps none. */
    readonly maxCachedSessions?: number | undefined
  }

/** What of the options is for the pool; the last two where the running Node has them. */
const POOL_OPTIONS = [
  ...['keepAlive', 'keepAliveMsecs', 'maxSockets', 'maxTotalSockets', 'maxFreeSockets', 'scheduling', 'timeout'],
  ...['defaultPort', 'agentKeepAliveTimeoutBuffer'],
]

type RequestOptions = http.ClientRequestArgs & { readonly servername?: string; readonly socketPath?: string | null }

type NameOptions = {
  readonly host?: string
  readonly port?: number | string
  readonly localAddress?: string
  readonly family?: 4 | 6
  readonly servername?: string
}

/**
 * Connections are pooled by http.Agent's rules, and resume the sessions of those before them: each session once, under
 * the `policy`, `qkd` and names that it was made with. Options of a single request count where the agent has none.
 */
export class Agent extends http.Agent {
  /** Undefined, so that requests of node:http and of node:https may both use this agent. @internal */
  readonly protocol: undefined = undefined
  /** @internal */
  readonly defaultPort: number
  readonly #options: AgentOptions
  readonly #client: ResumingClient

  /** @throws TrefoilError ERR_INVALID_OPTION */
  constructor(options: AgentOptions = {}) {
    const given = Object.entries(options).filter(([, value]) => value !== undefined)
    super(Object.fromEntries(given.filter(([name]) => POOL_OPTIONS.includes(name))))
    const { defaultPort = 443, proxyEnv } = options as { defaultPort?: number; proxyEnv?: unknown }
    // To go past a proxy unasked would be worse than not to go.
    if (proxyEnv) throw new TrefoilError('ERR_INVALID_OPTION', 'proxyEnv is not taken: this agent knows no proxies')
    this.defaultPort = defaultPort
    this.#options = options
    this.#client = new ResumingClient(options.maxCachedSessions)
  }

  /** Connections are shared only by requests for the same certificate name, with the same options. @internal */
  override getName(options: NameOptions = {}): string {
    const own = this.#options as Readonly<Record<string, unknown>>
    const differing = Object.entries(connectionOptions(options)).filter(([name]) => own[name] === undefined)
    return `${super.getName(options)}:${options.servername ?? ''}:${nameOptions(Object.fromEntries(differing))}`
  }

  override createConnection(
    options: RequestOptions,
    callback: (error: Error | null, socket: Duplex) => void = () => {},
  ): Duplex | undefined {
    const { host, port, socketPath, servername, localAddress, family, timeout } = options
    const forConnection = {
      ALPNProtocols: ['http/1.1'],
      ...connectionOptions(options),
      localAddress,
      family,
      ...Object.fromEntries(Object.entries(this.#options).filter(([, value]) => value !== undefined)),
      host: host ?? undefined,
      port: port ?? undefined,
      path: socketPath ?? undefined,
      servername: this.#options.servername ?? servername,
      timeout,
    }
    // As http.Agent calls back: with an error, or with a socket.
    return this.#client.connect(this.getName(options as NameOptions), forConnection, (error, socket) =>
      callback(error, socket as Duplex),
    )
  }

  override destroy(): void {
    this.#client.destroy()
    super.destroy()
  }
}
