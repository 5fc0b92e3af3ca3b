/**
 * `trefoil/metrics`: what tunnels, servers, sockets and key sources do, as metrics of prom-client.
 *
 * - {@link Metrics}: one set in one registry; {@link collectMetrics}: the same for a single server or tunnel.
 * - {@link serveMetrics}: an HTTP endpoint for a scraper, with health and readiness.
 */
import { collectDefaultMetrics, type Registry } from 'prom-client'
import type { Tunnel } from '../tunnel/index.js'
import type { MetricsRegistry } from './instruments.js'
import { Metrics, type ObservedServer } from './metrics.js'

export { type MetricsEndpoint, type MetricsEndpointOptions, serveMetrics } from './endpoint.js'
export type { MetricsRegistry } from './instruments.js'
export type { SupplyReport } from './keySourceStatus.js'
export { Metrics, type ObservedKeySource, type ObservedServer } from './metrics.js'
export { METRICS } from './table.js'

/** Counts what `source` does from now on, in `registry` (default: a new one that speaks OpenMetrics). */
export function collectMetrics(source: ObservedServer | Tunnel, registry?: MetricsRegistry): Metrics {
  const metrics = new Metrics(registry)
  if ('role' in source) metrics.observeTunnel(source)
  else metrics.observeServer(source)
  return metrics
}

/** Adds the metrics of the process that prom-client knows (processor time, memory, file descriptors, event loop). */
export function processMetrics(registry: MetricsRegistry): void {
  collectDefaultMetrics({ register: registry as Registry })
}
