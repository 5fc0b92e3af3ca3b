/** Every metric there is, in one table, which docs/tunnel.md repeats. Labels have few values, none chosen by a stranger. */

interface MetricEntry {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
  /** Upper bounds of a histogram, in seconds. */
  readonly buckets?: readonly number[]
}

/** From the key manager next door to the time-out of a handshake. */
const SECONDS = [0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

export const METRICS = {
  handshakes: {
    type: 'counter',
    name: 'trefoil_handshakes_total',
    help: 'Handshakes by what the keys rest on and how they ended',
    labels: ['role', 'mode', 'psk', 'qkd', 'group', 'resumed', 'outcome'],
  },
  handshakeSeconds: {
    type: 'histogram',
    name: 'trefoil_handshake_duration_seconds',
    help: 'Duration of completed handshakes, calls to the key source included',
    labels: ['role'],
    buckets: SECONDS,
  },
  connections: {
    type: 'gauge',
    name: 'trefoil_open_connections',
    help: 'Connections accepted and not closed yet',
    labels: [],
  },
  closed: {
    type: 'counter',
    name: 'trefoil_connections_closed_total',
    help: 'Connections that ended after a completed handshake, by how',
    labels: ['outcome'],
  },
  refused: {
    type: 'counter',
    name: 'trefoil_connections_refused_total',
    help: 'Connections of a tunnel refused by its limits before a handshake',
    labels: ['outcome'],
  },
  octets: {
    type: 'counter',
    name: 'trefoil_octets_total',
    help: 'Octets over Trefoil connections: of a tunnel those of its service, of a server those of the transport',
    labels: ['direction'],
  },
  keyCalls: {
    type: 'counter',
    name: 'trefoil_key_source_calls_total',
    help: 'Calls to the key source by how they ended',
    labels: ['operation', 'outcome'],
  },
  keySeconds: {
    type: 'histogram',
    name: 'trefoil_key_source_duration_seconds',
    help: 'Duration of calls to the key source, failed ones included',
    labels: ['operation'],
    buckets: SECONDS,
  },
  qkdBits: {
    type: 'counter',
    name: 'trefoil_qkd_bits_total',
    help: 'Bits of QKD keys taken from the key source, each key once at each end',
    labels: ['operation'],
  },
  storedKeys: {
    type: 'gauge',
    name: 'trefoil_key_source_stored_keys',
    help: 'Keys that the key source holds for a peer, as its status said last',
    labels: ['peer_sae_id'],
  },
  keySourceUp: {
    type: 'gauge',
    name: 'trefoil_key_source_up',
    help: 'Whether the key source answered when its status was last asked for, 1 or 0',
    labels: [],
  },
  reloads: {
    type: 'counter',
    name: 'trefoil_reloads_total',
    help: 'Reloads of certificates, keys and PSKs by how they ended',
    labels: ['outcome'],
  },
  certificateExpiry: {
    type: 'gauge',
    name: 'trefoil_certificate_expiry_timestamp_seconds',
    help: 'When the first certificate of a file in use expires, in seconds since the epoch',
    labels: ['certificate'],
  },
} as const satisfies Record<string, MetricEntry>

export type MetricKey = keyof typeof METRICS
