/** The public face of tunnels: any TCP service over Trefoil, one end here and one end there. docs/tunnel.md is for operators. */
import { EventEmitter, once } from 'node:events'
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net'
import { TrefoilError } from '../../errors.js'
import { ConcurrencyLimit } from '../concurrencyLimit.js'
import { addressGroup } from '../keyLookups/index.js'
import { checkAddress, formatAddress, type TunnelAddress, toNodeAddress } from './address.js'
import { Carrier } from './carrier.js'
import { clientEnd } from './clientEnd.js'
import type { TunnelEnd } from './end.js'
import type { TunnelEvents, TunnelStatistics } from './events.js'
import {
  checkGrace,
  checkPlainSide,
  resolveTunnelSettings,
  type TunnelClientTls,
  type TunnelOptions,
  type TunnelServerTls,
} from './options.js'
import { Refusals } from './refusals.js'
import { reset } from './reset.js'
import { serverEnd } from './serverEnd.js'
import { TCP_OPTIONS } from './target.js'

export interface Tunnel extends EventEmitter<TunnelEvents> {
  readonly role: 'client' | 'server'
  /**
   * Accepts connections there; port 0 takes a free one. Resolves to the address it has.
   * @throws TrefoilError ERR_TRANSPORT when it cannot listen, ERR_INVALID_OPTION for the plain side of a client elsewhere
   *   than on this machine without `allowRemotePlain`, ERR_INVALID_STATE when it listens or was closed before
   */
  listen(address: TunnelAddress): Promise<TunnelAddress>
  /**
   * Takes new TLS options for connections from now on: certificates, keys, trust anchors, PSKs, key sources, policy, all of
   * them. Those that are open stay as they are. Tickets of before are no longer good, as they would bring back what was
   * withdrawn, unless the same `ticketKeys` are given again. When it throws, everything is as before.
   * @throws TrefoilError as `createServer` and `connect` do
   */
  reload(tls: TunnelServerTls | TunnelClientTls): void
  readonly statistics: TunnelStatistics
  /**
   * Accepts no more, waits for open connections to end, and cuts (ERR_ABORTED) those that are left after
   * `graceMilliseconds`, default 0. May be called again with less.
   * @throws TrefoilError ERR_INVALID_OPTION for a time that setTimeout cannot count
   */
  close(options?: { readonly graceMilliseconds?: number }): Promise<void>
}

/** @throws TrefoilError ERR_INVALID_OPTION, and as `createServer` and `connect` do for `tls` */
export function createTunnel(options: TunnelOptions): Tunnel {
  return new ListeningTunnel(options)
}

class ListeningTunnel extends EventEmitter<TunnelEvents> implements Tunnel {
  readonly role: 'client' | 'server'
  readonly #options: TunnelOptions
  readonly #carrier: Carrier
  readonly #limit: ConcurrencyLimit
  readonly #refusals: Refusals
  readonly #listener: TcpServer
  /** Accepted and not closed yet. */
  readonly #inbound = new Set<Socket>()
  #end: TunnelEnd
  #state: 'new' | 'listening' | 'closing' = 'new'

  constructor(options: TunnelOptions) {
    super()
    const settings = resolveTunnelSettings(options)
    this.role = options.role
    this.#options = options
    this.#carrier = new Carrier(settings, options.to, this)
    this.#limit = new ConcurrencyLimit(settings.maxConnections, settings.maxConnectionsPerAddress)
    this.#refusals = new Refusals(options.role)
    this.#end = this.#createEnd(options.tls)
    this.#listener = createTcpServer(TCP_OPTIONS, (inbound) => this.#accept(inbound))
  }

  async listen(address: TunnelAddress): Promise<TunnelAddress> {
    checkAddress(address, 'address')
    if (this.role === 'client') checkPlainSide(address, this.#options)
    if (this.#state !== 'new') throw new TrefoilError('ERR_INVALID_STATE', 'a tunnel listens once')
    this.#state = 'listening'
    try {
      this.#listener.listen(toNodeAddress(address))
      // A name is looked up before, and it may be closed meanwhile.
      await Promise.race([once(this.#listener, 'listening'), once(this.#listener, 'close').then(closedMeanwhile)])
    } catch (cause) {
      if (cause instanceof TrefoilError) throw cause
      this.#state = 'closing'
      const message = `cannot listen on ${formatAddress(address)}: ${(cause as Error).message}`
      throw new TrefoilError('ERR_TRANSPORT', message, { cause })
    }
    // Running out of file descriptors while accepting passes: connections end.
    this.#listener.on('error', () => {})
    const bound = this.#listener.address()
    return typeof bound === 'string' ? { path: bound } : hostAndPort(bound as AddressInfo)
  }

  reload(tls: TunnelServerTls | TunnelClientTls): void {
    const before = this.#end
    this.#end = this.#createEnd(tls)
    before.retire()
  }

  get statistics(): TunnelStatistics {
    return {
      listening: this.#state === 'listening' && this.#listener.listening,
      connections: this.#inbound.size,
      octets: { ...this.#carrier.octets },
    }
  }

  async close({ graceMilliseconds = 0 }: { readonly graceMilliseconds?: number } = {}): Promise<void> {
    checkGrace(graceMilliseconds)
    this.#state = 'closing'
    this.#end.retire()
    const closed = this.#listener.listening ? once(this.#listener, 'close') : null
    this.#listener.close()
    const cut = setTimeout(() => this.#cut(), graceMilliseconds)
    // The listener closes after the last of the inbound connections; what they led to may take a moment more.
    await (closed ?? this.#allClosed())
    await this.#carrier.idle()
    clearTimeout(cut)
  }

  #createEnd(tls: TunnelServerTls | TunnelClientTls): TunnelEnd {
    const options = this.#options
    if (options.role === 'server') return serverEnd(tls as TunnelServerTls, this.#carrier)
    return clientEnd(tls as TunnelClientTls, this.#carrier, options.sessions ?? true)
  }

  #accept(inbound: Socket): void {
    // A connection may break before anybody else listens for it.
    inbound.on('error', () => {})
    const leave = this.#limit.enter(addressGroup(inbound.remoteAddress ?? ''))
    if (leave === null) {
      const error = new TrefoilError('ERR_TOO_MANY_CONNECTIONS', 'as many connections are open as the limits allow')
      this.#carrier.failed(this.#carrier.identify(inbound), { stage: 'limit', error })
      this.#refusals.refuse(inbound, error)
      return
    }
    this.#inbound.add(inbound)
    inbound.once('close', () => {
      leave()
      this.#inbound.delete(inbound)
    })
    this.#end.accept(inbound)
  }

  async #allClosed(): Promise<void> {
    await Promise.all([...this.#inbound].map((inbound) => new Promise((resolve) => inbound.once('close', resolve))))
  }

  #cut(): void {
    this.#carrier.cut(new TrefoilError('ERR_ABORTED', 'the tunnel was closed before the connection had ended'))
    for (const inbound of this.#inbound) reset(inbound)
  }
}

function closedMeanwhile(): never {
  throw new TrefoilError('ERR_INVALID_STATE', 'the tunnel was closed before it listened')
}

function hostAndPort({ address, port }: AddressInfo): TunnelAddress {
  return { host: address, port }
}
