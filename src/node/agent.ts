/** HTTP over Trefoil for Node's own client: `http.request({ agent: new Agent({ ca, … }) })`. */
import * as http from 'node:http'
import type { Duplex } from 'node:stream'
import { connect } from './connect.js'
import type { ConnectionOptions } from './options.js'

/** Options of http.Agent for the pool, and those of `connect` for every connection in it. */
export type AgentOptions = http.AgentOptions &
  Omit<ConnectionOptions, 'timeout' | 'signal' | 'host' | 'port' | 'socket'>

type RequestOptions = http.ClientRequestArgs & { readonly servername?: string; readonly socketPath?: string | null }

type NameOptions = {
  readonly host?: string
  readonly port?: number | string
  readonly localAddress?: string
  readonly family?: 4 | 6
  readonly servername?: string
}

export class Agent extends http.Agent {
  /** Undefined, so that requests of node:http and of node:https may both use this agent. @internal */
  readonly protocol: undefined = undefined
  /** @internal */
  readonly defaultPort: number = 443
  readonly #options: AgentOptions

  constructor(options: AgentOptions = {}) {
    const { keepAlive, keepAliveMsecs, maxSockets, maxTotalSockets, maxFreeSockets, scheduling, timeout } = options
    const pool = { keepAlive, keepAliveMsecs, maxSockets, maxTotalSockets, maxFreeSockets, scheduling, timeout }
    super(Object.fromEntries(Object.entries(pool).filter(([, value]) => value !== undefined)))
    this.#options = options
  }

  /** Connections are shared only by requests for the same certificate name. @internal */
  override getName(options?: NameOptions): string {
    return `${super.getName(options)}:${options?.servername ?? ''}`
  }

  override createConnection(options: RequestOptions): Duplex {
    const { host, port, socketPath, servername } = options
    return connect({
      ...this.#options,
      host: host ?? undefined,
      port: port ?? undefined,
      path: socketPath ?? undefined,
      servername: this.#options.servername ?? servername,
      timeout: options.timeout,
    })
  }
}
