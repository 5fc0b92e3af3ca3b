/** `--metrics`: the metrics of a tunnel and what is asked about its health. */

import { toTrefoilError } from '../../errors.js'
import type { Metrics } from '../../node/metrics/index.js'
import type { Tunnel } from '../../node/tunnel/index.js'
import type { HostPort } from '../hostPort.js'

export interface Monitor {
  readonly metrics: Metrics
  /** @throws TrefoilError ERR_TRANSPORT */
  serve(address: HostPort, tunnel: Tunnel, qkdRequired: boolean): Promise<MonitorEndpoint>
}

export interface MonitorEndpoint {
  readonly address: HostPort
  close(): Promise<void>
}

/** Loaded when it is asked for: no other command has a use for the library behind it. */
export async function openMonitor(): Promise<Monitor> {
  const { Metrics, processMetrics, serveMetrics } = await import('../../node/metrics/index.js')
  const metrics = new Metrics()
  processMetrics(metrics.registry)
  return {
    metrics,
    async serve(address, tunnel, qkdRequired) {
      const reasonsNotReady = async () => [
        ...(tunnel.statistics.listening ? [] : ['it does not accept connections']),
        ...(qkdRequired ? await supplyFailures(metrics) : []),
      ]
      const { registry } = metrics
      const { host, port, close } = await serveMetrics(address, { registry, reasonsNotReady })
      return { address: { host, port }, close }
    },
  }
}

async function supplyFailures(metrics: Metrics): Promise<string[]> {
  const reports = await metrics.supply()
  return reports.flatMap(({ error }) => {
    if (error === null) return []
    const { code, message } = toTrefoilError(error)
    return [`the key source does not tell its status: ${message} (${code})`]
  })
}
