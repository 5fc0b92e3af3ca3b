/** One end of a trace, played by the core: records go in and come out, and everything is a function of the inputs. */
import { fromHex, toHex } from '../../../bytes.js'
import type { CryptoProvider } from '../../../crypto/provider.js'
import type { TrefoilError } from '../../../errors.js'
import {
  Connection,
  type ConnectionEvent,
  Driver,
  type MessageSubstitution,
  type RequestHandlers,
} from '../../../tls/index.js'
import type { Action, Hex, Inputs, Role, TraceFile } from '../trace.js'
import { clientConfig, serverConfig } from './configs.js'
import { handlersFor } from './handlers.js'

export class Endpoint {
  /** Everything that it has put on the wire, record by record. */
  readonly records: Hex[] = []
  readonly keylog: string[] = []
  readonly received: Hex[] = []
  readonly sessionPsks: Hex[] = []
  error: TrefoilError | null = null
  peerClosed = false
  readonly #driver: Driver

  /**
   * @param substitute for traces of ends that break the rules: changes a message before it is sent
   * @param handlers in place of those that answer from the inputs
   */
  constructor(
    crypto: CryptoProvider,
    identities: TraceFile['identities'],
    inputs: Inputs,
    role: Role,
    substitute?: MessageSubstitution,
    handlers?: Partial<RequestHandlers>,
  ) {
    const connection =
      role === 'client'
        ? Connection.client(clientConfig(crypto, inputs), substitute)
        : Connection.server(serverConfig(crypto, inputs), substitute)
    this.#driver = new Driver(
      connection,
      { ...handlersFor(crypto, identities, inputs, role), ...handlers },
      { transmit: (octets) => this.#transmit(octets), event: (event) => this.#note(event) },
    )
  }

  start(): void {
    this.#driver.start()
  }

  receive(record: Hex): void {
    this.#driver.receive(fromHex(record))
  }

  act(action: Action): void {
    if (action.do === 'send') this.#driver.send(fromHex(action.data ?? ''))
    else if (action.do === 'keyUpdate') this.#driver.requestKeyUpdate(action.requestPeer === true)
    else this.#driver.close()
  }

  get complete(): boolean {
    return this.#driver.connection.handshakeComplete
  }

  export(label: string, context: Uint8Array, length: number): Hex {
    return toHex(this.#driver.connection.exportKeyingMaterial(label, context, length))
  }

  #transmit(octets: Uint8Array): void {
    for (let at = 0; at < octets.length; ) {
      const end = at + 5 + (((octets[at + 3] ?? 0) << 8) | (octets[at + 4] ?? 0))
      this.records.push(toHex(octets.slice(at, end)))
      at = end
    }
  }

  #note(event: ConnectionEvent): void {
    if (event.type === 'keylog') this.keylog.push(event.line)
    else if (event.type === 'applicationData') this.received.push(toHex(event.data))
    else if (event.type === 'session') this.sessionPsks.push(toHex(event.session.psk))
    else if (event.type === 'peerClosed') this.peerClosed = true
    else if (event.type === 'error') this.error = event.error
  }
}
