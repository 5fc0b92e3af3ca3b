// One run of the soak: starts the processes, disturbs them, samples them, and collects what they counted.
import { randomBytes } from 'node:crypto'
import { platform } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import { defaultProvider } from 'trefoil/crypto'
import { createCertificateAuthority, issueCertificate } from 'trefoil/pki'
import { sawEverything, sumOf } from './counts.mjs'
import { Process } from './parent.mjs'

const CLIENT_PROCESSES = 2
/** Long: where processors are few, 200 clients wait for one another. What still takes longer hangs, and fails the soak. */
const HANDSHAKE_TIMEOUT = 240_000
const SAE = { client: 'sae-a', server: 'sae-b' }
/** How long a process may take to end when nothing is left to do, in milliseconds. */
const PATIENCE = 20_000

const crypto = defaultProvider()

/**
 * @param options.clients in all
 * @param options.seconds under load, after a warm-up that is not judged
 * @param options.onProgress told a line now and then
 * @returns samples, counts and ends of all processes
 */
export async function run({ clients, seconds, onProgress }) {
  const authority = createCertificateAuthority({ commonName: 'Soak CA', crypto })
  const credentials = credentialsOfLinks()
  const server = new Process('server.mjs')
  const callers = Array.from({ length: CLIENT_PROCESSES }, () => new Process('client.mjs'))
  const keyManagers = await KeyManagers.start(credentials)
  const disturbance = new Disturbance(seconds, keyManagers, server, authority)
  try {
    const ports = await server.tell('start', {
      identity: newIdentity(authority),
      handshakeTimeout: HANDSHAKE_TIMEOUT,
      keyManager: keyManagers.optionsFor('server'),
      qkd: { localSaeId: SAE.server, peerSaeId: SAE.client },
    })
    for (const caller of callers) {
      await caller.tell('start', {
        ports,
        ca: authority.certificatePem,
        handshakeTimeout: HANDSHAKE_TIMEOUT,
        keyManager: keyManagers.optionsFor('client'),
        qkd: { localSaeId: SAE.client, peerSaeId: SAE.server },
      })
    }
    const processes = { server, ...Object.fromEntries(callers.map((caller, i) => [`clients ${i + 1}`, caller])) }
    const collect = async () => ({
      server: await server.tell('counts'),
      clients: sumOf(await Promise.all(callers.map((caller) => caller.tell('counts')))),
      keyManagerRestarts: keyManagers.restarts,
    })
    /** Longer than asked for on a machine so busy that something has not come about yet. */
    const phase = async (name, milliseconds, isComplete) => {
      onProgress(`${name}: ${milliseconds / 1000} s`)
      const samples = []
      await Promise.all(
        callers.map((caller, i) =>
          caller.tell('go', { addresses: addresses(clients, i), rampMilliseconds: 80 * seconds }),
        ),
      )
      const begun = performance.now()
      const elapsed = () => performance.now() - begun
      disturbance.begin()
      while (elapsed() < milliseconds || (elapsed() < milliseconds + PATIENCE && !(await isComplete()))) {
        await wait(samplingInterval(seconds))
        const sampled = await sampleAll(processes)
        const connections = await server.tell('connections')
        samples.push({ seconds: elapsed() / 1000, connections, ...sampled })
      }
      await Promise.all([disturbance.end(), ...callers.map((caller) => caller.tell('stop'))])
      return samples
    }

    await phase('warm-up', Math.min(20_000, 1000 * seconds * 0.25), async () => true)
    const restBefore = await atRest(server, processes)
    const samples = await phase('load', 1000 * seconds, async () => sawEverything(await collect()))
    const restAfter = await atRest(server, processes)
    const counts = await collect()
    onProgress('closing')
    const leftOpen = {}
    const endedByItself = {}
    for (const [name, process] of Object.entries(processes)) leftOpen[name] = await process.tell('close')
    for (const [name, process] of Object.entries(processes)) endedByItself[name] = await process.end(PATIENCE)
    return { samples, restBefore, restAfter, counts, leftOpen, endedByItself }
  } finally {
    await disturbance.end()
    await Promise.all([server, ...callers, keyManagers].map((process) => process.kill()))
  }
}

/** The key managers of both sites, which die and come back at the same ports with empty memory. */
class KeyManagers {
  restarts = 0
  #credentials
  #process
  /** Loaded and idle, so that the time without key managers is not that of starting a process. */
  #spare = new Process('keyManagers.mjs')
  #ports

  static async start(credentials) {
    const started = new KeyManagers()
    started.#credentials = credentials
    await started.#start()
    return started
  }

  async restart(millisecondsDown) {
    await this.#process.kill()
    await wait(millisecondsDown)
    await this.#start()
    this.restarts++
  }

  optionsFor(end) {
    const port = end === 'client' ? this.#ports.a : this.#ports.b
    return { url: `https://127.0.0.1:${port}`, timeoutMilliseconds: 5000, ...this.#credentials[SAE[end]] }
  }

  async kill() {
    await Promise.all([this.#process.kill(), this.#spare.kill()])
  }

  async #start() {
    this.#process = this.#spare
    this.#spare = new Process('keyManagers.mjs')
    this.#ports = await this.#process.tell('start', {
      siteA: { kmeId: 'KME-A', sae: [SAE.client], tls: this.#credentials['KME-A'] },
      siteB: { kmeId: 'KME-B', sae: [SAE.server], tls: this.#credentials['KME-B'] },
      ports: this.#ports,
    })
  }
}

/** Restarts and reloads, each at its own pace, until it is told to end. */
class Disturbance {
  #ended = new AbortController()
  #going = Promise.resolve()
  #pace
  #keyManagers
  #server
  #authority

  constructor(seconds, keyManagers, server, authority) {
    this.#pace = { freshKeys: within(1000, 50 * seconds, 5000), resumed: within(500, 30 * seconds, 3000) }
    this.#keyManagers = keyManagers
    this.#server = server
    this.#authority = authority
  }

  begin() {
    this.#ended = new AbortController()
    // Not before what is disturbed was of use since: else a busy machine would see none that lasts long enough.
    this.#going = Promise.all([
      this.#repeat('freshKeys', () => this.#keyManagers.restart(200 + Math.random() * 500)),
      this.#repeat('resumed', () =>
        this.#server.tell('reload', { identity: newIdentity(this.#authority), ticketKeys: randomBytes(48) }),
      ),
    ])
    // Told by `end`.
    this.#going.catch(() => {})
  }

  async end() {
    this.#ended.abort()
    await this.#going
  }

  /** Whenever the pace says so and the server has counted some more. */
  async #repeat(counter, action) {
    const { signal } = this.#ended
    const pause = (milliseconds) => wait(milliseconds, true, { signal }).catch(() => false)
    const count = async () => (await this.#server.tell('counts'))[counter] ?? 0
    for (let before = await count(); await pause(this.#pace[counter]); before = await count()) {
      while ((await count()) === before) if (!(await pause(100))) return
      await action()
    }
  }
}

/** When every connection is over, and what lingers after the last of them. */
async function atRest(server, processes) {
  for (let i = 0; i < PATIENCE / 100 && (await server.tell('connections')) > 0; i++) await wait(100)
  return { connections: await server.tell('connections'), ...(await sampleAll(processes)) }
}

async function sampleAll(processes) {
  const taken = Object.entries(processes).map(async ([name, process]) => [name, await process.tell('sample')])
  return Object.fromEntries(await Promise.all(taken))
}

function samplingInterval(seconds) {
  return within(1000, 25 * seconds, 3000)
}

function within(least, value, most) {
  return Math.min(most, Math.max(least, value))
}

/** What a server bounds for each address must not be felt by clients that only share a machine; Linux has all of 127/8. */
function addresses(clients, process) {
  const count = Math.floor((clients + process) / CLIENT_PROCESSES)
  return Array.from({ length: count }, (_, i) =>
    platform() === 'linux' ? `127.0.${1 + process}.${1 + (i % 250)}` : undefined,
  )
}

function newIdentity(ca) {
  const { certificatePem, privateKeyPem } = issueCertificate({ ca, subjectAltNames: ['localhost'], crypto })
  return { cert: certificatePem, key: privateKeyPem }
}

/** Of key managers and SAEs, by name; classical, since the TLS of Node 20 knows nothing else. */
function credentialsOfLinks() {
  const ca = createCertificateAuthority({ commonName: 'Key manager CA', algorithm: 'ecdsa-p256', crypto })
  const issue = (commonName) => {
    const issued = issueCertificate({ ca, commonName, subjectAltNames: ['127.0.0.1'], algorithm: 'ecdsa-p256', crypto })
    return { cert: issued.certificatePem, key: issued.privateKeyPem, ca: ca.certificatePem }
  }
  return Object.fromEntries(['KME-A', 'KME-B', SAE.client, SAE.server].map((name) => [name, issue(name)]))
}
