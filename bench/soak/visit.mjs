// One connection from its handshake to its end: some requests over HTTP/1.1 one after the other, or over HTTP/2 all at
// once, and then the end that was drawn for it.
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import * as http from 'node:http'
import * as http2 from 'node:http2'
import { connect } from 'trefoil'
import { bodyOf, hashOf, piecesOf, randomLength, readBody } from './bodies.mjs'

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

/** Null when everything went as planned, or what went wrong and when: `{ stage: 'handshake' | 'service', error, resuming }`. */
export async function visit(client, plan, tally) {
  const { socket, resuming } = open(client, plan)
  const ended = new Promise((resolve) => socket.once('close', resolve))
  const began = performance.now()
  /** The first is the one to tell. */
  let failed = null
  socket.on('error', (error) => {
    failed ??= error
  })
  if (plan.fate === 'client cuts the handshake') {
    setTimeout(() => socket.destroy(), Math.random() * HANDSHAKE)
  }
  const secure = await Promise.race([
    once(socket, 'secureConnect').then(
      () => true,
      () => false,
    ),
    ended.then(() => false),
  ])
  if (!secure) {
    await ended
    tally.add(failed ? 'failed' : 'cut')
    return failed && { stage: 'handshake', error: failed, resuming }
  }
  tally.add('connections')
  tally.add(`${plan.site}, ${plan.protocol}`)
  if (socket.isSessionReused()) tally.add('resumed')
  const longest = Math.min(PAUSE * (performance.now() - began), LONGEST_PAUSE)
  const pause = () => client.pause(Math.random() * longest)
  try {
    await (plan.protocol === 'h2' ? overHttp2 : overHttp1)(socket, plan, tally, pause)
    if (plan.fate === 'polite') tally.add('polite')
    else socket.destroy()
    await ended
    if (failed !== null && plan.fate === 'polite') throw failed
  } catch (error) {
    socket.destroy()
    await ended
    // The connection's own error says more than that of the protocol above.
    if (plan.fate === 'polite') return { stage: 'service', error: failed ?? error }
  }
  if (plan.fate !== 'polite') tally.add('cut')
  return null
}

function open({ options, qkd, ports, localAddress, sessions }, { site, protocol, resumes }) {
  const name = `${site} ${protocol}`
  const session = resumes ? sessions.take(name) : undefined
  const socket = connect({
    ...options,
    host: '127.0.0.1',
    port: ports[site],
    servername: 'localhost',
    localAddress,
    ALPNProtocols: [protocol],
    session,
    ...(site === 'qkd' && { qkd }),
  })
  socket.on('session', (given) => sessions.put(name, given))
  return { socket, resuming: session !== undefined }
}

async function overHttp1(socket, plan, tally, pause) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  let given = false
  agent.createConnection = () => {
    if (given) throw new Error('the connection was closed between two requests')
    given = true
    return socket
  }
  let last = false
  const send = (headers) => {
    if (last && plan.leavesClosing) headers.connection = 'close'
    const request = http.request({ agent, method: 'POST', path: '/', host: 'localhost', headers })
    const replied = reply(request).then(([response]) => ({ response, headers: response.headers }))
    return { request, replied }
  }
  for (let i = 1; i <= plan.requests; i++) {
    await pause()
    last = i === plan.requests
    await exchange(send, socket, last ? plan.fate : 'polite', tally)
  }
  if (plan.fate === 'polite') socket.end()
}

async function overHttp2(socket, plan, tally, pause) {
  const session = http2.connect('https://localhost', { createConnection: () => socket })
  session.on('error', () => {})
  const send = (headers) => {
    const request = session.request({ ':method': 'POST', ':path': '/', ...headers })
    const replied = reply(request).then(([fields]) => ({ response: request, headers: fields }))
    return { request, replied }
  }
  try {
    await pause()
    const all = Array.from({ length: plan.requests }, (_, i) =>
      exchange(send, socket, i === 0 ? plan.fate : plan.fate === 'polite' ? 'polite' : 'beside', tally),
    )
    const outcomes = await Promise.allSettled(all)
    const broken = outcomes.find(({ status }) => status === 'rejected')
    if (broken) throw broken.reason
  } finally {
    if (plan.fate === 'polite') session.close()
    else session.destroy()
  }
}

/** What comes with the head of the reply; rejects also when the request is closed without an error and without one. */
function reply(request) {
  return new Promise((resolve, reject) => {
    request.once('response', (...head) => resolve(head))
    request.once('error', reject)
    request.once('close', () => reject(new Error('the request was closed without a reply')))
  })
}

/** One request and its reply, compared at both ends; rejects when the connection is cut meanwhile. */
async function exchange(send, socket, fate, tally) {
  const body = bodyOf(randomLength())
  const sent = hashOf(body)
  const { request, replied } = send({
    'content-length': body.length,
    'x-hash': sent,
    'x-reply-length': randomLength(),
    ...(fate === 'server cuts its reply' && { 'x-cut': 'yes' }),
  })
  // Told by `replied`, or by the reading of the reply.
  request.on('error', () => {})
  replied.catch(() => {})
  if (fate === 'client cuts its request') {
    request.write(body.subarray(0, body.length / 2))
    setImmediate(() => socket.destroy())
    await replied
  }
  await write(request, body)
  const { response, headers } = await replied
  if (fate === 'client cuts the reply') {
    response.once('data', () => socket.destroy())
  }
  const received = await readBody(response)
  if (received.length !== Number(headers['content-length'])) throw new Error('the reply is shorter than announced')
  tally.add('requests')
  tally.add('octetsSent', body.length)
  tally.add('octetsReceived', received.length)
  if (headers['x-received'] !== sent || headers['x-hash'] !== received.hash) tally.add('mismatches')
}

async function write(request, body) {
  for (const piece of piecesOf(body)) {
    if (request.destroyed) break
    if (!request.write(piece)) await Promise.race([once(request, 'drain').catch(() => {}), once(request, 'close')])
  }
  request.end()
}
