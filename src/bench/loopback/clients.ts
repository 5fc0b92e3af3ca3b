/** The clients of a mode, which shake hands over TCP with servers in another process. */
import { connect as connectTcp } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { connect as nodeConnect, createSecureContext as nodeContext } from 'node:tls'
import { nodeProvider } from '../../crypto/index.js'
import { connect } from '../../node/connect.js'
import { createSecureContext } from '../../node/secureContext.js'
import { endsOf, nodeEndsOf } from '../handshakes/ends.js'
import { derivedSource } from '../handshakes/keySources.js'
import type { Materials } from '../handshakes/materials.js'
import type { Mode } from '../handshakes/modes.js'
import type { Ports } from './serverProcess.js'

/** Opens a connection; its first event of that name says that the handshake is over. */
type Open = (session: Buffer | undefined) => Duplex

export class LoopbackClient {
  readonly #open: Open
  readonly #secure: string
  readonly #resumes: boolean
  #session: Buffer | undefined
  /** That a handshake brings. */
  #tickets = 0
  #received = 0

  private constructor(open: Open, secure: string, resumes: boolean) {
    this.#open = open
    this.#secure = secure
    this.#resumes = resumes
  }

  static tcp({ tcp }: Ports): LoopbackClient {
    return new LoopbackClient(() => connectTcp({ port: tcp, host: '127.0.0.1' }), 'connect', false)
  }

  static trefoil(mode: Mode, materials: Materials, { trefoil: port }: Ports): Promise<LoopbackClient> {
    const source = derivedSource(materials.psk)
    const { client } = endsOf(mode, nodeProvider, [source, source], materials)
    const options = { ...client, secureContext: createSecureContext(client), host: '127.0.0.1', port }
    const open: Open = (session) => connect({ ...options, session })
    return new LoopbackClient(open, 'secureConnect', mode.resumed === true).#prepare()
  }

  /** Null where the running Node has no such client or server. */
  static async node(mode: Mode, materials: Materials, { nodeTls: port }: Ports): Promise<LoopbackClient | null> {
    const ends = nodeEndsOf(mode, materials)
    if (ends === null || port === null) return null
    try {
      const options = { ...ends.client, secureContext: nodeContext(ends.client), host: '127.0.0.1', port }
      const open: Open = (session) => nodeConnect({ ...options, ...(session !== undefined && { session }) })
      return await new LoopbackClient(open, 'secureConnect', mode.resumed === true).#prepare()
    } catch {
      return null
    }
  }

  /** One connection: made, tickets waited for, and ended. @throws Error when it fails */
  async run(): Promise<void> {
    let connection: Duplex | undefined
    await new Promise<void>((resolve, reject) => {
      let waiting = 1 + this.#tickets
      const step = () => {
        waiting--
        if (waiting === 0) resolve()
      }
      connection = this.#open(this.#resumes ? this.#session : undefined)
      const opened = connection
      connection.on('error', reject)
      connection.once(this.#secure, () => {
        opened.resume()
        step()
      })
      connection.on('session', (session: Buffer) => {
        this.#session = session
        this.#received++
        step()
      })
    })
    await closed(connection as Duplex)
  }

  async #prepare(): Promise<this> {
    for (let i = 0; i < (this.#resumes ? 2 : 1); i++) {
      this.#received = 0
      const connection = this.#open(this.#resumes ? this.#session : undefined)
      connection.on('session', (session: Buffer) => {
        this.#session = session
        this.#received++
      })
      await new Promise<void>((resolve, reject) => {
        connection.once(this.#secure, resolve)
        connection.once('error', reject)
      })
      connection.resume()
      await delay(TICKETS_TAKE)
      await closed(connection)
    }
    this.#tickets = this.#received
    return this
  }
}

/** Milliseconds in which what follows a handshake has come for certain. */
const TICKETS_TAKE = 100

/** As all clients end, whatever is below: both sides say that they are done. */
function closed(connection: Duplex): Promise<void> {
  return new Promise((resolve) => {
    connection.once('close', () => resolve())
    connection.end()
  })
}
