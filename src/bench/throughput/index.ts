/** Throughput and CPU per MiB against node:tls and plain TCP. */
export { measureThroughput } from './measureThroughput.js'
export type { ThroughputCell, ThroughputResult } from './result.js'
