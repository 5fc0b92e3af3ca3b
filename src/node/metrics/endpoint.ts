/** An HTTP endpoint for scrapers and supervisors: /metrics, /healthz, /readyz. It gives no secret, and answers anybody. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { TrefoilError } from '../../errors.js'
import type { MetricsRegistry } from './instruments.js'

export interface MetricsEndpointOptions {
  readonly registry: MetricsRegistry
  /** Why this process cannot serve now, in short sentences; empty when it can. */
  readonly reasonsNotReady: () => string[] | Promise<string[]>
}

export interface MetricsEndpoint {
  readonly host: string
  readonly port: number
  close(): Promise<void>
}

/** Scrapers are few. */
const MAX_CONNECTIONS = 64
/** Milliseconds for a request to come in. */
const PATIENCE = 5000

/** @throws TrefoilError ERR_TRANSPORT when it cannot listen */
export async function serveMetrics(
  address: { readonly host: string; readonly port: number },
  options: MetricsEndpointOptions,
): Promise<MetricsEndpoint> {
  const limits = { requestTimeout: PATIENCE, headersTimeout: PATIENCE, connectionsCheckingInterval: 1000 }
  const server = createServer(limits, (request, response) => {
    answer(request, response, options).catch(() => send(request, response, 500, 'text/plain', 'internal error\n'))
  })
  server.maxConnections = MAX_CONNECTIONS
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      reject(new TrefoilError('ERR_TRANSPORT', `cannot listen for scrapers: ${cause.message}`, { cause }))
    })
    server.listen(address.port, address.host, resolve)
  })
  const { address: host, port } = server.address() as AddressInfo
  return {
    host,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: MetricsEndpointOptions,
): Promise<void> {
  const { registry, reasonsNotReady } = options
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD')
    return send(request, response, 405, 'text/plain', 'only GET and HEAD\n')
  }
  switch (request.url?.replace(/\?.*$/s, '')) {
    case '/metrics':
      return send(request, response, 200, registry.contentType, await registry.metrics())
    case '/healthz':
      return send(request, response, 200, 'text/plain', 'alive\n')
    case '/readyz': {
      const reasons = await reasonsNotReady()
      const ready = reasons.length === 0
      return send(request, response, ready ? 200 : 503, 'text/plain', ready ? 'ready\n' : `${reasons.join('\n')}\n`)
    }
    default:
      return send(request, response, 404, 'text/plain', 'here are /metrics, /healthz and /readyz\n')
  }
}

function send(request: IncomingMessage, response: ServerResponse, status: number, type: string, text: string): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const body = Buffer.from(text)
  const contentType = type === 'text/plain' ? 'text/plain; charset=utf-8' : type
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': body.length,
    'cache-control': 'no-store',
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}
