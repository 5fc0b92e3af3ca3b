// The demands, and whether a run met them.
import { ERROR_TABLE } from '../../dist/errors.js'
import { servedAllWays } from './counts.mjs'

/** Bounds on what is flat: the least-squares slope over the second half of the load. */
const MAX_HEAP_SLOPE = 64 * 1024
const MAX_SOCKET_SLOPE = 0.25
/**
 * Growth of heap and buffers from rest to rest, in bytes: code that is still being compiled, and what a connection may leave.
 * That is not nothing: a server remembers the last 20,000 tickets and the last 10,000 key_IDs, each some hundred bytes.
 */
const MAX_GROWTH = 3 * 2 ** 20
const MAX_GROWTH_PER_CONNECTION = 512
/** Shorter runs are all warm-up: code is still being compiled, caches fill. */
const SHORTEST_FOR_SLOPES = 60

/**
 * Why a handshake may fail in a soak, beside what was cut on purpose. A key manager that is killed is not there, does not
 * answer any more, or comes back without the key; the other end hears of it by an alert. A ticket whose key is gone resumes
 * nothing, and a client brings no QKD key beside it. What a client cuts looks to the server like an end of the octets or a
 * reset.
 */
const OF_KEY_MANAGERS = ['ERR_QKD_UNREACHABLE', 'ERR_QKD_TIMEOUT', 'ERR_QKD_BAD_REPLY', 'ERR_QKD_KEY_NOT_FOUND']
const OF_CUTS = ['ERR_TRUNCATED', 'ERR_TRANSPORT']
const EXPLAINED = {
  client: {
    certificate: [],
    qkd: [
      ...OF_KEY_MANAGERS,
      'ERR_ALERT_RECEIVED internal_error',
      'ERR_ALERT_RECEIVED decrypt_error',
      'ERR_ALERT_RECEIVED insufficient_security, resuming',
    ],
  },
  server: {
    certificate: OF_CUTS,
    qkd: [...OF_KEY_MANAGERS, ...OF_CUTS, 'ERR_ALERT_RECEIVED internal_error', 'ERR_POLICY_QKD_REQUIRED'],
  },
}

/** @returns the figures of a run and its demands: `{ demand, measured, met }`, where `met` is null for what it is too short for */
export function judge({ clients, seconds, outcome }) {
  const { counts, samples, restBefore, restAfter, leftOpen, endedByItself } = outcome
  const { clients: atClients, server } = counts
  const names = Object.keys(endedByItself)
  const uncaught = names.flatMap((name) => restAfter[name].uncaught)
  const failures = {
    client: atClients.handshakeFailures ?? {},
    server: server.handshakeFailures,
  }
  const long = seconds >= SHORTEST_FOR_SLOPES
  const half = samples.filter((sample) => sample.seconds >= seconds / 2)
  const demands = []
  const demand = (text, measured, met) => demands.push({ demand: text, measured, met })
  const none = (text, count) => demand(text, count, count === 0)

  demand(
    'requests were answered over both protocols, with and without a QKD key',
    atClients.requests ?? 0,
    servedAllWays(atClients),
  )
  demand('sessions were resumed', server.resumed ?? 0, server.resumed > 0)
  demand(
    'key managers were killed, certificates and ticket keys replaced',
    `${counts.keyManagerRestarts} and ${server.reloads ?? 0} times`,
    counts.keyManagerRestarts > 0 && server.reloads > 0,
  )
  none('bodies corrupted', (server.mismatches ?? 0) + (atClients.mismatches ?? 0))
  none('replies lost on connections that nobody cut', total(atClients.lost))
  none('sessions without a QKD key where one is required', server.withoutQkd ?? 0)
  for (const end of ['client', 'server']) {
    for (const site of ['certificate', 'qkd']) {
      const reasons = Object.keys(failures[end][site] ?? {})
      const foreign = reasons.filter((reason) => !isTyped(reason) || !EXPLAINED[end][site].includes(reason))
      const text = `handshakes with ${site} that failed at the ${end} for no good reason`
      demand(text, foreign.length === 0 ? 0 : foreign.join(', '), foreign.length === 0)
    }
  }
  const unexplained = {
    client:
      atClients.attempts - (atClients.connections ?? 0) - (atClients.cutInHandshake ?? 0) - total(failures.client),
    server: server.attempts - server.connections - total(failures.server),
  }
  for (const [end, count] of Object.entries(unexplained)) {
    none(`handshakes begun at the ${end} that were neither done nor failed with an error`, count)
  }
  const untyped = Object.keys(server.connectionErrors).filter((reason) => !OF_CUTS.includes(reason))
  demand(
    'connections that ended at the server in an error for no good reason',
    untyped.join(', ') || 0,
    untyped.length === 0,
  )
  const ended = total(server.connectionErrors)
  const cut = atClients.cut ?? 0
  demand(
    'connections that ended at the server in an error are no more than were cut',
    `${ended} of ${cut}`,
    ended <= cut,
  )
  none('uncaught exceptions, unhandled rejections and warnings', uncaught.length)

  for (const name of names) {
    const connections = name === 'server' ? server.connections : (atClients.connections ?? 0) / (names.length - 1)
    const slope = (what) => slopeOf(half.map((sample) => [sample.seconds, what(sample)]))
    const heap = slope((sample) => sample[name].heapUsed)
    const sockets = slope((sample) => socketsToSpare(sample, name))
    const growth = held(restAfter[name]) - held(restBefore[name])
    const allowed = MAX_GROWTH + MAX_GROWTH_PER_CONNECTION * connections
    demand(
      `${name}: heap rises by less than ${MAX_HEAP_SLOPE / 1024} KiB/s`,
      `${(heap / 1024).toFixed(1)} KiB/s`,
      long ? heap < MAX_HEAP_SLOPE : null,
    )
    demand(
      `${name}: heap and buffers at rest grow by less than ${MAX_GROWTH / 2 ** 20} MiB and ${MAX_GROWTH_PER_CONNECTION} bytes a connection`,
      `${inMebibytes(growth)} of ${inMebibytes(allowed)} MiB`,
      long ? growth < allowed : null,
    )
    demand(
      `${name}: sockets, beside those of visits under way, rise by less than ${MAX_SOCKET_SLOPE}/s`,
      `${sockets.toFixed(2)}/s`,
      long ? sockets < MAX_SOCKET_SLOPE : null,
    )
    none(`${name}: sockets left when all is closed`, leftOpen[name])
    demand(`${name}: ends by itself`, endedByItself[name] ? 'yes' : 'no', endedByItself[name])
  }
  none('connections left at the server when the clients had gone', restAfter.connections)

  return {
    clients,
    seconds,
    node: process.versions.node,
    met: demands.every(({ met }) => met !== false),
    demands,
    counts: { clients: atClients, server, keyManagerRestarts: counts.keyManagerRestarts },
    atRest: { before: withoutStacks(restBefore), after: withoutStacks(restAfter) },
    mostConnections: Math.max(0, ...samples.map(({ connections }) => connections)),
    uncaught,
  }
}

/** By a code of our table. */
function isTyped(reason) {
  return /^\w+/.exec(reason)?.[0] in ERROR_TABLE
}

/** Those of a client beside one for each visit, those of the server beside one for each of the clients'. */
function socketsToSpare(sample, name) {
  const { sockets, visits } = sample[name]
  if (visits !== undefined) return sockets - visits
  const ofClients = Object.values(sample).filter((other) => other.visits !== undefined)
  return sockets - ofClients.reduce((sum, other) => sum + other.sockets, 0)
}

function inMebibytes(bytes) {
  return (bytes / 2 ** 20).toFixed(2)
}

function held({ heapUsed, arrayBuffers }) {
  return heapUsed + arrayBuffers
}

/** Least squares, in units per second. */
export function slopeOf(points) {
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [x, y] = [mean(points.map(([at]) => at)), mean(points.map(([, value]) => value))]
  const spread = points.reduce((sum, [at]) => sum + (at - x) ** 2, 0)
  return spread === 0 ? 0 : points.reduce((sum, [at, value]) => sum + (at - x) * (value - y), 0) / spread
}

/** Of counts, or of records of them. */
function total(counts = {}) {
  return Object.values(counts).reduce((sum, count) => sum + (typeof count === 'number' ? count : total(count)), 0)
}

function withoutStacks(samples) {
  return Object.fromEntries(
    Object.entries(samples).map(([name, sample]) => [
      name,
      typeof sample === 'number' ? sample : { ...sample, uncaught: sample.uncaught.length },
    ]),
  )
}
