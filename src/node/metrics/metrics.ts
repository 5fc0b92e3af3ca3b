/** Counting what tunnels, servers, sockets and key sources do. docs/tunnel.md lists the metrics. */
import type { EventEmitter } from 'node:events'
import { type OpenMetricsContentType, Registry } from 'prom-client'
import type { TrefoilError } from '../../errors.js'
import { loadCertificates, parseCertificate } from '../../pki/index.js'
import type { KeySource } from '../../qkd/keySource.js'
import type { TlsServing } from '../http/serveOverTls.js'
import type { Protection } from '../protection.js'
import type { TLSSocket } from '../tlsSocket.js'
import type { Tunnel } from '../tunnel/index.js'
import { completed, type Role, refused } from './handshakeLabels.js'
import { createInstruments, type Instruments, type MetricsRegistry } from './instruments.js'
import { KeySourceStatusWatch, type SupplyReport } from './keySourceStatus.js'
import { MeteredKeySource } from './meteredKeySource.js'
import type { MetricKey } from './table.js'

/** What is counted elsewhere, read at every scrape. */
interface Reading {
  connections(): number
  octets(): { readonly sent: number; readonly received: number }
}

/** A server of `createServer`, of trefoil/https or of trefoil/http2. */
export type ObservedServer = EventEmitter & TlsServing

export interface ObservedKeySource extends KeySource {
  /** Its supply is no longer asked for; calls are still counted. */
  unobserve(): void
}

/** One set of metrics in one registry, for any number of tunnels, servers and key sources of a process. */
export class Metrics {
  readonly registry: MetricsRegistry
  readonly #instruments: Instruments
  readonly #readings = new Set<Reading>()
  readonly #supplies = new Map<KeySource, KeySourceStatusWatch>()
  /** Octets of sockets that are closed. */
  readonly #ended = { sent: 0, received: 0 }

  /**
   * @param registry where they are registered; default: a new one that speaks OpenMetrics
   * @throws Error when the registry has metrics of these names already
   */
  constructor(registry: MetricsRegistry = openMetricsRegistry()) {
    this.registry = registry
    this.#instruments = createInstruments(registry, (key) => this.#beforeScrape(key))
    for (const outcome of ['success', 'failure']) this.#instruments.reloads.inc({ outcome }, 0)
  }

  observeTunnel(tunnel: Tunnel): void {
    tunnel.on('open', ({ socket }) => this.#completed(tunnel.role, socket))
    tunnel.on('failure', ({ stage, error }) => {
      if (stage === 'handshake') this.#refused(tunnel.role, error)
      else if (stage === 'limit') this.#instruments.refused.inc({ outcome: error.code })
      else this.#instruments.closed.inc({ outcome: error.code })
    })
    tunnel.on('close', ({ clean }) => {
      if (clean) this.#instruments.closed.inc({ outcome: 'ok' })
    })
    this.#readings.add({
      connections: () => tunnel.statistics.connections,
      octets: () => tunnel.statistics.octets,
    })
  }

  observeServer(server: ObservedServer): void {
    server.on('secureConnection', (socket: TLSSocket) => this.#count('server', socket))
    server.on('tlsClientError', (error: TrefoilError) => this.#refused('server', error))
  }

  /** A socket of `connect`; call it before its handshake is complete. */
  observeSocket(socket: TLSSocket): void {
    socket.once('secureConnect', () => this.#count('client', socket))
    socket.on('error', (error) => {
      if (socket.protection === null) this.#refused('client', error as TrefoilError)
    })
  }

  /**
   * @param peers the SAE IDs whose supply is asked for at a scrape, at most every 5 seconds; default none
   * @returns the source to use in place of the one given, which stays the caller's to close
   */
  observeKeySource(source: KeySource, peers: readonly string[] = []): ObservedKeySource {
    const watches = this.#supplies
    const metered = new MeteredKeySource(source, this.#instruments)
    if (peers.length > 0) watches.set(metered, new KeySourceStatusWatch(metered, peers))
    return Object.assign(metered, { unobserve: () => void watches.delete(metered) })
  }

  /** What all observed key sources say of their supply, no older than 5 seconds. */
  supply(): Promise<SupplyReport[]> {
    return Promise.all([...this.#supplies.values()].map((watch) => watch.report()))
  }

  /**
   * Notes when the first certificate in `pem` expires.
   * @param certificate what it is for; a few fixed words, such as `own` or `ca`
   * @throws TrefoilError ERR_INVALID_OPTION when there is no certificate in it
   */
  observeCertificates(certificate: string, pem: string | Uint8Array): void {
    const expiries = loadCertificates(pem).map((der) => parseCertificate(der).notAfter)
    this.#instruments.certificateExpiry.set({ certificate }, Math.min(...expiries) / 1000)
  }

  countReload(outcome: 'success' | 'failure'): void {
    this.#instruments.reloads.inc({ outcome })
  }

  #completed(role: Role, socket: TLSSocket): void {
    const protection = socket.protection as Protection
    this.#instruments.handshakes.inc({ ...completed(role, protection) })
    this.#instruments.handshakeSeconds.observe({ role }, protection.handshake.milliseconds / 1000)
  }

  #refused(role: Role, error: TrefoilError): void {
    this.#instruments.handshakes.inc({ ...refused(role, error) })
  }

  /** The whole of a connection that no tunnel watches over. */
  #count(role: Role, socket: TLSSocket): void {
    this.#completed(role, socket)
    const reading: Reading = {
      connections: () => 1,
      octets: () => ({ sent: socket.bytesWritten, received: socket.bytesRead }),
    }
    this.#readings.add(reading)
    let outcome = 'ok'
    socket.on('error', (error) => {
      outcome = (error as TrefoilError).code
    })
    socket.once('close', () => {
      this.#instruments.closed.inc({ outcome })
      this.#readings.delete(reading)
      this.#ended.sent += socket.bytesWritten
      this.#ended.received += socket.bytesRead
    })
  }

  async #beforeScrape(key: MetricKey): Promise<void> {
    const { connections, octets, keySourceUp, storedKeys } = this.#instruments
    if (key === 'connections') {
      connections.set([...this.#readings].reduce((sum, reading) => sum + reading.connections(), 0))
    } else if (key === 'octets') {
      const totals = { ...this.#ended }
      for (const reading of this.#readings) {
        const { sent, received } = reading.octets()
        totals.sent += sent
        totals.received += received
      }
      octets.reset()
      for (const direction of ['sent', 'received'] as const) octets.inc({ direction }, totals[direction])
    } else if (key === 'keySourceUp') {
      const reports = await this.supply()
      if (reports.length === 0) keySourceUp.remove()
      else keySourceUp.set(reports.every(({ error }) => error === null) ? 1 : 0)
    } else if (key === 'storedKeys') {
      const reports = await this.supply()
      storedKeys.reset()
      for (const [peer, count] of reports.flatMap((report) => [...report.storedKeys])) {
        storedKeys.set({ peer_sae_id: peer }, count)
      }
    }
  }
}

function openMetricsRegistry(): MetricsRegistry {
  const registry = new Registry<OpenMetricsContentType>()
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
  return registry
}
