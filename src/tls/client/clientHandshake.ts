/** The client's state machine: one function per state, in the order of the flight. */
import { wipe } from '../../bytes.js'
import { CLIENT_MESSAGE_ORDER, checkOrder } from '../messageOrder.js'
import type { Task } from '../requests.js'
import type { HandshakeMessage } from '../wire/handshake.js'
import { receiveTicket } from './connected.js'
import { expectCertificate, expectCertificateOrRequest, expectCertificateVerify } from './expectCertificate.js'
import { expectEncryptedExtensions } from './expectEncryptedExtensions.js'
import { expectFinished } from './expectFinished.js'
import { expectServerHello } from './expectServerHello.js'
import { sendFirstClientHello } from './sendClientHello.js'
import type { ClientEnvironment, ClientState } from './states.js'

export class ClientHandshake {
  private readonly client: ClientEnvironment
  private state: ClientState | null = null

  constructor(client: ClientEnvironment) {
    this.client = client
  }

  *start(): Task<void> {
    this.state = yield* sendFirstClientHello(this.client)
  }

  /** @throws TrefoilError whatever the server did wrong; nothing has been sent for it yet */
  *receive(message: HandshakeMessage): Task<void> {
    this.state = yield* next(this.client, this.state, message)
  }

  get exporterSecret(): Uint8Array | null {
    return this.state?.name === 'connected' ? this.state.exporterSecret : null
  }

  wipe(): void {
    this.client.secrets.wipe()
    if (this.state?.name === 'connected') wipe(this.state.resumptionSecret, this.state.exporterSecret)
  }
}

function* next(client: ClientEnvironment, state: ClientState | null, message: HandshakeMessage): Task<ClientState> {
  // Nothing can come before our ClientHello: before `start` there is no state to be in.
  checkOrder(CLIENT_MESSAGE_ORDER, state?.name ?? 'expectServerHello', message.type)
  switch (state?.name) {
    case 'expectServerHello':
    case 'expectSecondServerHello':
      return yield* expectServerHello(client, state, message)
    case 'expectEncryptedExtensions':
      return expectEncryptedExtensions(client, state, message)
    case 'expectCertificateOrRequest':
      return yield* expectCertificateOrRequest(client, state, message)
    case 'expectCertificate':
      return yield* expectCertificate(client, state, message)
    case 'expectCertificateVerify':
      return expectCertificateVerify(client, state, message)
    case 'expectFinished':
      return yield* expectFinished(client, state, message)
    case 'connected':
      return yield* receiveTicket(client, state, message)
    case undefined:
      throw new Error('a message was received before the handshake was started')
  }
}
