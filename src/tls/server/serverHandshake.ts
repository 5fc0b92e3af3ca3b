/** The server's state machine: one function per state, in the order of the flight. */
import { wipe } from '../../bytes.js'
import { checkOrder, SERVER_MESSAGE_ORDER } from '../messageOrder.js'
import type { Task } from '../requests.js'
import type { HandshakeMessage } from '../wire/handshake.js'
import { expectCertificate, expectCertificateVerify } from './expectCertificate.js'
import { expectClientHello, expectSecondClientHello } from './expectClientHello.js'
import { expectFinished } from './expectFinished.js'
import { sendTickets } from './sendTickets.js'
import type { ServerEnvironment, ServerState } from './states.js'

export class ServerHandshake {
  private readonly server: ServerEnvironment
  private state: ServerState = { name: 'expectClientHello' }

  constructor(server: ServerEnvironment) {
    this.server = server
    // RFC 9846 5: a server that kept nothing of the first hello cannot tell that one has been sent.
    if (server.config.cookieKey !== undefined) server.channel.allowChangeCipherSpec(true)
  }

  /** A server speaks second. */
  *start(): Task<void> {}

  /** @throws TrefoilError whatever the client did wrong; nothing has been sent for it yet */
  *receive(message: HandshakeMessage): Task<void> {
    this.state = yield* next(this.server, this.state, message)
    if (this.state.name === 'connected' && this.state.tickets !== null) {
      // Connected before they go out: the owner may use the connection while they are sealed.
      const { exporterSecret, tickets } = this.state
      yield* sendTickets(this.server, tickets)
      tickets.resumptionSecret.fill(0)
      this.state = { name: 'connected', exporterSecret, tickets: null }
    }
  }

  get exporterSecret(): Uint8Array | null {
    return this.state.name === 'connected' ? this.state.exporterSecret : null
  }

  wipe(): void {
    this.server.secrets.wipe()
    if (this.state.name === 'connected') wipe(this.state.exporterSecret, this.state.tickets?.resumptionSecret)
  }
}

function* next(server: ServerEnvironment, state: ServerState, message: HandshakeMessage): Task<ServerState> {
  checkOrder(SERVER_MESSAGE_ORDER, state.name, message.type)
  switch (state.name) {
    case 'expectClientHello':
      return yield* expectClientHello(server, message)
    case 'expectSecondClientHello':
      return yield* expectSecondClientHello(server, state, message)
    case 'expectCertificate':
      return yield* expectCertificate(server, state, message)
    case 'expectCertificateVerify':
      return expectCertificateVerify(server, state, message)
    case 'expectFinished':
      return yield* expectFinished(server, state, message)
    case 'connected':
      // The table lets nothing through but KeyUpdate, which the connection has taken already.
      return state
  }
}
