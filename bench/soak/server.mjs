// The service: HTTP/1.1 and HTTP/2 behind two Trefoil servers, one that asks for a certificate handshake alone and one that
// requires a QKD key besides. Both resume sessions, and both are reloaded while they run.
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { createServer } from 'trefoil'
import { etsi014 } from 'trefoil/qkd'
import { bodyOf, hashOf, piecesOf, readBody } from './bodies.mjs'
import { collectGarbage, openSockets, reasonOf, serveCommands, Tally } from './child.mjs'
import { spoiled } from './controls.mjs'

/** How long connections may take to end when no new ones are taken, in milliseconds. */
const PATIENCE = 10_000

const tally = new Tally()
const handshakeFailures = { certificate: new Tally(), qkd: new Tally() }
/** Of connections whose handshake was done. */
const connectionErrors = new Tally()
const sites = {}
/** What must fail the soak (controls.mjs), and what the control "leak" keeps. */
let controls = []
const leaked = new Set()
const http = createHttpServer(answer)
const http2 = createHttp2Server(answer)
let source

// A connection that nobody uses is the client's to close: the service closes none by itself.
http.keepAliveTimeout = 0
http.on('clientError', (_, socket) => socket.destroy())
http2.on('sessionError', () => {})

serveCommands({
  async start({ identity, keyManager, qkd, handshakeTimeout, ...given }) {
    controls = given.controls
    source = etsi014(keyManager)
    const common = { ...identity, ALPNProtocols: ['h2', 'http/1.1'], handshakeTimeout }
    const resumption = { maxAgeSeconds: 600, maxResumptions: 8 }
    return {
      certificate: await open('certificate', common),
      qkd: await open('qkd', { ...common, qkd: { ...qkd, source, policy: 'require', resumption } }),
    }
  },

  reload({ identity, ticketKeys }) {
    for (const site of Object.values(sites)) {
      site.setSecureContext(identity)
      site.setTicketKeys(ticketKeys)
    }
    tally.add('reloads')
  },

  counts() {
    return {
      ...tally.counts,
      handshakeFailures: { certificate: handshakeFailures.certificate.counts, qkd: handshakeFailures.qkd.counts },
      connectionErrors: connectionErrors.counts,
    }
  },

  async connections() {
    const counts = Object.values(sites).map(
      (site) =>
        new Promise((resolve, reject) => site.getConnections((error, n) => (error ? reject(error) : resolve(n)))),
    )
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0)
  },

  /** Stops listening. Resolves with how many sockets are left then, the key manager's included. */
  async close() {
    const closed = Promise.all(Object.values(sites).map((site) => new Promise((resolve) => site.close(resolve))))
    await Promise.race([closed, wait(PATIENCE, null, { ref: false })])
    await source.close()
    await collectGarbage()
    return openSockets()
  },
})

async function open(name, options) {
  const server = createServer(options)
  sites[name] = server
  server.on('connection', () => tally.add('attempts'))
  server.on('secureConnection', (socket) => {
    tally.add('connections')
    if (controls.includes('leak')) leaked.add(socket)
    if (socket.isSessionReused()) tally.add('resumed')
    else if (socket.protection.qkd !== null) tally.add('freshKeys')
    if (name === 'qkd' && socket.protection.qkd === null) tally.add('withoutQkd')
    socket.on('error', (error) => connectionErrors.add(reasonOf(error)))
    const behind = socket.alpnProtocol === 'h2' ? http2 : http
    behind.emit('connection', socket)
  })
  server.on('tlsClientError', (error) => handshakeFailures[name].add(reasonOf(error)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server.address().port
}

/**
 * Tells the client what hash its body had here, and sends as many octets as it asked for. Asked to, it cuts the connection
 * in the middle of them.
 */
async function answer(request, response) {
  try {
    const body = await readBody(request)
    tally.add('requests')
    tally.add('octetsReceived', body.length)
    if (body.hash !== request.headers['x-hash']) tally.add('mismatches')
    const reply = bodyOf(Number(request.headers['x-reply-length']))
    response.writeHead(200, {
      'content-length': reply.length,
      'x-received': body.hash,
      'x-hash': hashOf(reply),
    })
    const polite = request.headers['x-polite'] !== undefined
    if (request.headers['x-cut'] !== undefined || (polite && isSpoiled('reply'))) {
      response.write(reply.subarray(0, reply.length / 2))
      setImmediate(() => cut(request))
      return
    }
    const sent = polite && reply.length > 0 && isSpoiled('byte') ? spoiled(reply) : reply
    await pipeline(Readable.from(piecesOf(sent)), response)
    tally.add('octetsSent', reply.length)
  } catch {
    // The client broke it off. What a client misses that did not, it counts itself.
    tally.add('brokenOff')
  }
}

/** Once, where it is a control. */
function isSpoiled(name) {
  const is = controls.includes(name)
  controls = controls.filter((other) => other !== name)
  return is
}

function cut(request) {
  if (request.stream?.session) request.stream.session.destroy()
  else request.socket.destroy()
}
