// One run of the soak: starts the processes, disturbs them, samples them, and collects what they counted.
import { platform } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import { sawEverything, sumOf } from './counts.mjs'
import { Disturbance, KeyManagers } from './disturbance.mjs'
import { Identities, SAE } from './identities.mjs'
import { Process } from './parent.mjs'

const CLIENT_PROCESSES = 2
/** A busy machine with few processors lets 200 clients wait some 20 seconds for one another; in milliseconds. */
const HANDSHAKE_TIMEOUT = 60_000
/** How long a process may take to end when nothing is left to do, in milliseconds. */
const PATIENCE = 20_000
/** How long the last visits may take, in milliseconds: client.mjs gives them up before. */
const PATIENCE_FOR_VISITS = 180_000
/** How often, in milliseconds, some of those that are not over are told meanwhile. */
const TELL = 10_000
const MOST_TOLD = 5

/**
 * @param options.clients in all
 * @param options.seconds under load, after a warm-up that is not judged
 * @param options.controls what spoils the run on purpose (controls.mjs)
 * @param options.onProgress told a line now and then
 * @returns samples, counts and ends of all processes
 */
export async function run(options) {
  const keyManagers = new KeyManagers()
  const server = new Process('server.mjs')
  const callers = Array.from({ length: CLIENT_PROCESSES }, () => new Process('client.mjs'))
  try {
    return await runWith(options, keyManagers, server, callers)
  } finally {
    await Promise.all([server, ...callers, keyManagers].map((process) => process.kill()))
  }
}

async function runWith({ clients, seconds, controls, onProgress }, keyManagers, server, callers) {
  const identities = new Identities()
  const pace = { restarts: within(1000, 50 * seconds, 5000), reloads: within(500, 30 * seconds, 3000) }
  const disturbance = new Disturbance(pace, keyManagers, server, identities)
  await start({ controls, keyManagers, server, callers, identities })
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
      const left = milliseconds - elapsed()
      await wait(left > 0 ? Math.min(within(1000, 25 * seconds, 3000), left) : 500)
      const sampled = await sampleAll(processes)
      samples.push({ seconds: elapsed() / 1000, connections: await server.tell('connections'), ...sampled })
    }
    await Promise.all([disturbance.end(), stop(callers, onProgress)])
    return samples
  }

  await phase('warm-up', Math.min(20_000, 1000 * seconds * 0.25), async () => true)
  const restBefore = await atRest(server, processes)
  // What is spoiled need not be whole.
  const isComplete = async () => controls.length > 0 || sawEverything(await collect())
  const samples = await phase('load', 1000 * seconds, isComplete)
  const restAfter = await atRest(server, processes)
  const counts = await collect()
  onProgress('closing')
  const leftOpen = await ofAll(processes, (process) => process.tell('close'))
  const endedByItself = await ofAll(processes, (process) => process.end(PATIENCE))
  return { samples, restBefore, restAfter, counts, leftOpen, endedByItself }
}

async function start({ controls, keyManagers, server, callers, identities }) {
  await keyManagers.start()
  const common = { controls, handshakeTimeout: HANDSHAKE_TIMEOUT }
  const ports = await server.tell('start', {
    ...common,
    identity: identities.issue(),
    keyManager: keyManagers.optionsFor('server'),
    qkd: { localSaeId: SAE.server, peerSaeId: SAE.client },
  })
  const forCallers = {
    ...common,
    ports,
    ca: identities.certificatePem,
    keyManager: keyManagers.optionsFor('client'),
    qkd: { localSaeId: SAE.client, peerSaeId: SAE.server },
  }
  await Promise.all(callers.map((caller) => caller.tell('start', forCallers)))
}

/** Tells what the clients still wait for if they take their time. */
async function stop(callers, onProgress) {
  const tell = async () => {
    const pending = (await Promise.all(callers.map((caller) => caller.tell('pending')))).flat()
    if (pending.length > 0) onProgress(`visits that are not over: ${pending.length}`)
    for (const line of pending.slice(0, MOST_TOLD)) onProgress(line)
  }
  const telling = setInterval(() => tell().catch(() => {}), TELL)
  try {
    await Promise.all(callers.map((caller) => caller.tell('stop', {}, PATIENCE_FOR_VISITS)))
  } finally {
    clearInterval(telling)
  }
}

/** When every connection is over, and what lingers after the last of them. */
async function atRest(server, processes) {
  for (let i = 0; i < PATIENCE / 100 && (await server.tell('connections')) > 0; i++) await wait(100)
  return { connections: await server.tell('connections'), ...(await sampleAll(processes)) }
}

function sampleAll(processes) {
  return ofAll(processes, (process) => process.tell('sample'))
}

/** What each of the processes says, by name. */
async function ofAll(processes, ask) {
  const answers = Object.entries(processes).map(async ([name, process]) => [name, await ask(process)])
  return Object.fromEntries(await Promise.all(answers))
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
