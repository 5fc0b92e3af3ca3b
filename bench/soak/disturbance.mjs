// What disturbs a service while it runs: key managers that die and come back, certificates and ticket keys that are replaced.
import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { credentialsOfLinks, SAE } from './identities.mjs'
import { Process } from './parent.mjs'

/** The key managers of both sites, which come back at the same ports with empty memory. */
export class KeyManagers {
  restarts = 0
  #credentials = credentialsOfLinks()
  #process
  /** Loaded and idle, so that the time without key managers is not that of starting a process. */
  #spare = new Process('keyManagers.mjs')
  #ports

  async start() {
    this.#process = this.#spare
    this.#spare = new Process('keyManagers.mjs')
    this.#ports = await this.#process.tell('start', {
      siteA: { kmeId: 'KME-A', sae: [SAE.client], tls: this.#credentials['KME-A'] },
      siteB: { kmeId: 'KME-B', sae: [SAE.server], tls: this.#credentials['KME-B'] },
      ports: this.#ports,
    })
  }

  async restart(millisecondsDown) {
    await this.#process.kill()
    await wait(millisecondsDown)
    await this.start()
    this.restarts++
  }

  optionsFor(end) {
    const port = end === 'client' ? this.#ports.a : this.#ports.b
    return { url: `https://127.0.0.1:${port}`, timeoutMilliseconds: 5000, ...this.#credentials[SAE[end]] }
  }

  async kill() {
    await Promise.all([this.#process?.kill(), this.#spare.kill()])
  }
}

/** Restarts and reloads, each at its own pace, until it is told to end. */
export class Disturbance {
  #ended = new AbortController()
  #going = Promise.resolve()
  #pace
  #keyManagers
  #server
  #identities

  /** @param pace milliseconds between two restarts of the key managers, and between two reloads of the server */
  constructor(pace, keyManagers, server, identities) {
    this.#pace = pace
    this.#keyManagers = keyManagers
    this.#server = server
    this.#identities = identities
  }

  begin() {
    this.#ended = new AbortController()
    // Not before what is disturbed was of use since: else a busy machine would see none that lasts long enough.
    this.#going = Promise.all([
      this.#repeat(this.#pace.restarts, 'freshKeys', () => this.#keyManagers.restart(200 + Math.random() * 500)),
      this.#repeat(this.#pace.reloads, 'resumed', () =>
        this.#server.tell('reload', { identity: this.#identities.issue(), ticketKeys: randomBytes(48) }),
      ),
    ])
    // Told by `end`.
    this.#going.catch(() => {})
  }

  /** Rejects when a disturbance went wrong. */
  async end() {
    this.#ended.abort()
    await this.#going
  }

  /** Whenever the pace says so and the server has counted some more. */
  async #repeat(pace, counter, action) {
    const { signal } = this.#ended
    const pause = (milliseconds) => wait(milliseconds, true, { signal }).catch(() => false)
    const count = async () => (await this.#server.tell('counts'))[counter] ?? 0
    for (let before = await count(); await pause(pace); before = await count()) {
      while ((await count()) === before) if (!(await pause(100))) return
      await action()
    }
  }
}
