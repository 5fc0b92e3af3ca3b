// One part of a deployment as a process of its own, on the built package: key managers, a server, a client, or a flood.
// Takes `{ id, command, argument }` from its parent and sends back `{ id, result }` or `{ id, failure }`; says
// `{ event: 'key', keyId }` when it holds a key that it was told to stop at.
import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { connect, createServer } from '../../dist/index.js'
import { createKeyManager, createKeyManagerPair, etsi014, httpsKeyLink } from '../../dist/qkd/index.js'

const random = (length) => randomBytes(length)
let managers = {}
let server = null
let log = { sessions: [], refusals: [], fallbacks: [] }
/** Of each SAE, so that a source remembers what it did as a real one does. */
const sources = new Map()

const COMMANDS = {
  /** Both sites in this process. */
  async keyManagers({ siteA, siteB }) {
    managers = createKeyManagerPair({ siteA, siteB, random })
    const [a, b] = [await managers.a.listen(0), await managers.b.listen(0)]
    return { a: a.url, b: b.url }
  },

  /** One site, whose peer is elsewhere. */
  async keyManager({ site, peer, port = 0, peerUrl }) {
    const link = peerUrl && { link: httpsKeyLink({ url: peerUrl, ...site.tls, timeoutMilliseconds: 3000 }) }
    managers = { a: createKeyManager({ site, peer, random, ...link }) }
    return managers.a.listen(port)
  },

  fault({ site, fault }) {
    managers[site].setFault(fault)
  },

  counters() {
    return Object.fromEntries(Object.entries(managers).map(([site, { counters }]) => [site, { ...counters }]))
  },

  async serve({ port = 0, ...options }) {
    server = createServer({ ...withSource(options), onQkdFallback: (error) => log.fallbacks.push(told(error)) })
    server.on('secureConnection', (socket) => {
      log.sessions.push(socket.protection)
      socket.on('error', () => {})
      socket.pipe(socket)
    })
    server.on('tlsClientError', (error) => log.refusals.push(told(error)))
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return server.address().port
  },

  /** What the server saw since it was asked last. */
  takeLog() {
    const taken = log
    log = { sessions: [], refusals: [], fallbacks: [] }
    return taken
  },

  async atRest() {
    globalThis.gc()
    const connections = await new Promise((resolve) => server.getConnections((_, count) => resolve(count)))
    return { connections, heap: process.memoryUsage().heapUsed, keyLookups: server.keyLookups }
  },

  /** A handshake, and a word there and back. */
  async connect(options) {
    const fallbacks = []
    const socket = connect({
      host: '127.0.0.1',
      ...withSource(options),
      onQkdFallback: (error) => fallbacks.push(told(error)),
    })
    try {
      socket.end('there and back')
      let text = ''
      for await (const chunk of socket) text += chunk
      return { protection: socket.protection, text, fallbacks }
    } catch (error) {
      return { refusal: told(error), fallbacks }
    }
  },

  /** Hellos that differ from `record` in their key_ID, `atOnce` at a time, from each of `addresses` in turn. */
  async flood({ port, record, keyId, count, atOnce, addresses }) {
    const places = []
    for (let at = record.indexOf(keyId); at >= 0; at = record.indexOf(keyId, at + 1)) places.push(at)
    let sent = 0
    let answered = 0
    const one = async () => {
      while (sent < count) {
        const hello = Buffer.from(record)
        const madeUp = randomUUID()
        for (const place of places) hello.write(madeUp, place, 'latin1')
        if (await refusedWithAlert(hello, port, addresses[sent++ % addresses.length])) answered++
      }
    }
    await Promise.all(Array.from({ length: atOnce }, one))
    return { sent, answered }
  },
}

/** Whether a fatal alert came before the end. */
function refusedWithAlert(hello, port, localAddress) {
  return new Promise((resolve) => {
    const socket = connectTcp({ port, host: '127.0.0.1', localAddress }, () => socket.write(hello))
    let answer = Buffer.alloc(0)
    socket.on('data', (chunk) => {
      answer = Buffer.concat([answer, chunk])
    })
    socket.on('error', () => {})
    // A plaintext record of type alert and level fatal (RFC 9846 5.1, 6).
    socket.on('close', () => resolve(answer[0] === 21 && answer[5] === 2))
  })
}

function withSource({ qkd, ...options }) {
  if (qkd === undefined) return options
  const { url, tls, stopAtKey = false, timeoutMilliseconds = 5000, ...rest } = qkd
  const name = JSON.stringify([url, rest.localSaeId, timeoutMilliseconds])
  const source = sources.get(name) ?? etsi014({ url, ...tls, timeoutMilliseconds })
  sources.set(name, source)
  return { ...options, qkd: { ...rest, source: stopAtKey ? stoppingAtKey(source) : source } }
}

/** Gets the key and goes no further: the moment to be killed in. */
function stoppingAtKey(source) {
  const stop = async (key) => {
    const { keyId } = await key
    process.send({ event: 'key', keyId })
    return new Promise(() => {})
  }
  return {
    name: source.name,
    getKey: (...args) => stop(source.getKey(...args)),
    getKeyWithId: (...args) => stop(source.getKeyWithId(...args)),
    status: (...args) => source.status(...args),
  }
}

function told(error) {
  return { code: error.code, message: error.message, alert: error.alert }
}

process.on('message', async ({ id, command, argument }) => {
  try {
    process.send({ id, result: await COMMANDS[command](argument) })
  } catch (error) {
    process.send({ id, failure: `${error?.stack ?? error}` })
  }
})
process.on('disconnect', () => process.exit())
