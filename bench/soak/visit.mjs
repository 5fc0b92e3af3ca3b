// One connection from its handshake to its end: some requests over HTTP/1.1 one after the other, or over HTTP/2 all at
// once, and then the end that was drawn for it.
import { randomInt } from 'node:crypto'
import * as http from 'node:http'
import * as http2 from 'node:http2'
import { Connection } from './connection.mjs'
import { exchange } from './exchange.mjs'

/** How a connection ends, and how often of a hundred. All but the first are cut on purpose. */
const FATES = {
  polite: 70,
  'client cuts at rest': 6,
  'client cuts the handshake': 6,
  'client cuts its request': 6,
  'client cuts the reply': 6,
  'server cuts its reply': 6,
}
/** Milliseconds within which a handshake is cut. */
const HANDSHAKE = 60
/**
 * A client pauses before each request for up to so many times as long as the handshake took, at most five seconds: where
 * processors are few, connections live longer and fewer of the clients queue for a handshake.
 */
const PAUSE = 4
const LONGEST_PAUSE = 5000

export function drawVisit() {
  let at = randomInt(100)
  const fate = Object.keys(FATES).find((name) => {
    at -= FATES[name]
    return at < 0
  })
  return {
    site: randomInt(2) === 0 ? 'certificate' : 'qkd',
    protocol: randomInt(2) === 0 ? 'http/1.1' : 'h2',
    requests: 1 + randomInt(5),
    /** HTTP/1.1: asks the server to close after the last reply. */
    leavesClosing: randomInt(2) === 0,
    resumes: randomInt(4) > 0,
    fate,
  }
}

/**
 * Null when everything went as planned, or what went wrong and when: `{ stage: 'handshake' | 'service', error, resuming }`.
 * What comes of a cut goes as planned; what went wrong before it does not.
 */
export async function visit(client, plan, tally, progress) {
  tally.add('attempts')
  const connection = new Connection(client, plan)
  const { resuming } = connection
  const began = performance.now()
  progress.waitsFor('the handshake', connection.streams)
  const cutting =
    plan.fate === 'client cuts the handshake' && setTimeout(() => connection.cut(), Math.random() * HANDSHAKE)
  const secure = await connection.secured
  if (!secure) {
    clearTimeout(cutting)
    const { error } = connection
    tally.add(error === null ? 'cutInHandshake' : 'failed')
    return error && { stage: 'handshake', error, resuming }
  }
  tally.add('connections')
  tally.add(`${plan.site}, ${plan.protocol}`)
  if (connection.socket.isSessionReused()) tally.add('resumed')
  const longest = Math.min(PAUSE * (performance.now() - began), LONGEST_PAUSE)
  const pause = () => client.pause(Math.random() * longest)
  progress.waitsFor('its requests')
  await (plan.protocol === 'h2' ? overHttp2 : overHttp1)(connection, plan, tally, progress, pause).catch((error) =>
    connection.broke(error),
  )
  const { isPolite } = connection
  if (!isPolite || connection.error !== null) connection.cut()
  progress.waitsFor('the end of the connection')
  await connection.ended
  tally.add(isPolite && connection.error === null ? 'polite' : 'cut')
  return connection.error && { stage: 'service', error: connection.error, resuming }
}

async function overHttp1(connection, plan, tally, progress, pause) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  let given = false
  agent.createConnection = () => {
    // A request on a socket that is closed already would wait for ever: its events have been.
    if (given || connection.socket.destroyed) throw new Error('the connection was closed before a request')
    given = true
    return connection.socket
  }
  for (let i = 1; i <= plan.requests; i++) {
    await pause()
    const last = i === plan.requests
    const closing = last && plan.leavesClosing && { connection: 'close' }
    const send = (headers) =>
      http.request({ agent, method: 'POST', path: '/', host: 'localhost', headers: { ...headers, ...closing } })
    await exchange(send, connection, last ? plan.fate : 'polite', tally, progress.part())
  }
  if (connection.isPolite) connection.socket.end()
}

async function overHttp2(connection, plan, tally, progress, pause) {
  const session = http2.connect('https://localhost', { createConnection: () => connection.socket })
  session.on('error', () => {})
  const send = (headers) => session.request({ ':method': 'POST', ':path': '/', ...headers })
  try {
    await pause()
    const all = Array.from({ length: plan.requests }, async (_, i) => {
      try {
        await exchange(send, connection, i === 0 ? plan.fate : 'polite', tally, progress.part())
      } catch (error) {
        // Each by itself: one may break before another is cut.
        connection.broke(error)
      }
    })
    await Promise.all(all)
  } finally {
    if (!connection.isPolite) connection.cut()
    session.close()
  }
}
