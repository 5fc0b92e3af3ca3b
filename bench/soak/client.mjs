// Many clients in one process. Each makes one connection after the other, with a fate that is drawn beforehand, and counts
// what became of it.
import { setMaxListeners } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { connect, createSecureContext } from 'trefoil'
import { etsi014 } from 'trefoil/qkd'
import { collectGarbage, openSockets, reasonOf, sample, serveCommands, Tally } from './child.mjs'
import { Progress } from './progress.mjs'
import { SessionStore } from './sessions.mjs'
import { drawVisit, visit } from './visit.mjs'

/** Longest pause after a handshake that failed: no client gives up, and none insists. */
const PAUSE = 500
/** No visit may last longer than the time for its handshake and this, in milliseconds. Of it 25 seconds may be pauses. */
const PATIENCE = 90_000

const tally = new Tally()
const handshakeFailures = { certificate: new Tally(), qkd: new Tally() }
/** What was lost though nobody cut the connection, with a reason each. */
const lost = new Tally()
/** Of all clients, the latest last. */
const sessions = new SessionStore()
/** The visits that are not over, in words, with what each waits for. */
const pending = new Map()
/** What must fail the soak (controls.mjs). */
let controls = []
let common
let source
let running = []
let stopping = new AbortController()

serveCommands({
  start({ ca, keyManager, qkd, handshakeTimeout, ports, ...given }) {
    controls = given.controls
    source = etsi014(keyManager)
    const options = { secureContext: createSecureContext({ ca }), handshakeTimeout }
    common = { options, qkd: { ...qkd, source, policy: 'require', resumption: { maxAgeSeconds: 600 } }, ports }
  },

  /**
   * `addresses` are those that the clients call from, one each; undefined takes the machine's. They begin one after the
   * other within `rampMilliseconds`.
   */
  go({ addresses, rampMilliseconds }) {
    stopping = new AbortController()
    setMaxListeners(0, stopping.signal)
    running = addresses.map((localAddress) => live({ ...common, localAddress, sessions, pause }, rampMilliseconds))
    spoil()
  },

  /** Resolves when all connections are over. */
  async stop() {
    stopping.abort()
    await Promise.all(running)
    running = []
  },

  /** With the visits under way, each of which may hold a socket. */
  async sample() {
    return { ...(await sample()), visits: pending.size }
  },

  pending() {
    return [...pending].map(([progress, words]) => `${words}: waits for ${progress}`)
  },

  counts() {
    return {
      ...tally.counts,
      handshakeFailures: { certificate: handshakeFailures.certificate.counts, qkd: handshakeFailures.qkd.counts },
      lost: lost.counts,
    }
  },

  async close() {
    await source.close()
    await collectGarbage()
    return openSockets()
  },
})

async function live(client, rampMilliseconds) {
  await pause(Math.random() * rampMilliseconds)
  while (!stopping.signal.aborted) {
    const plan = drawVisit()
    const words = `${plan.site}, ${plan.protocol}, ${plan.fate}`
    const failure = await patiently(client, plan, words)
    if (failure === null) continue
    const { error, stage, resuming } = failure
    if (stage === 'handshake') handshakeFailures[plan.site].add(`${reasonOf(error)}${resuming ? ', resuming' : ''}`)
    else lost.add(`${words}: ${reasonOf(error)}`)
    await pause(Math.random() * PAUSE)
  }
}

/** Once: what the controls ask of clients. */
function spoil() {
  if (controls.includes('socket'))
    connect({ ...common.options, port: common.ports.certificate, servername: 'localhost' })
  if (controls.includes('reason')) {
    tally.add('attempts')
    handshakeFailures.certificate.add(reasonOf(new Error('without a code')))
  }
  controls = []
}

/** Shorter when the clients are to stop. */
async function pause(milliseconds) {
  await wait(milliseconds, null, { signal: stopping.signal }).catch(() => {})
}

/** A visit that hangs is lost too, and its connection is cut so that the run can end. */
async function patiently(client, plan, words) {
  const progress = new Progress()
  const given = new AbortController()
  const late = wait(client.options.handshakeTimeout + PATIENCE, null, { signal: given.signal }).then(
    () => {
      progress.giveUp()
      return { stage: 'service', error: new Error(`hangs, waiting for ${progress.stage}`) }
    },
    () => null,
  )
  pending.set(progress, words)
  try {
    return await Promise.race([visit(client, plan, tally, progress), late])
  } finally {
    given.abort()
    pending.delete(progress)
  }
}
