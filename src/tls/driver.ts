/**
 * Turns a connection's outputs into actions: requests go to handlers, octets and events to a sink. Portable; the
 * sockets of `node/` and the in-memory tests use the same one.
 */
import { concatAll } from '../bytes.js'
import { type TrefoilError, toTrefoilError } from '../errors.js'
import type { Connection } from './connection.js'
import type { ConnectionEvent } from './events.js'
import type { Answers, Request, RequestHandlers, RequestType } from './requests.js'

export interface DriverSink {
  /** Octets for the peer: as many as are ready, in one call. */
  transmit(bytes: Uint8Array): void
  /** Takes the place of `transmit` for who can write several pieces at once: they need not be put together then. */
  transmitPieces?(pieces: readonly Uint8Array[]): void
  event(event: ConnectionEvent): void
}

type AfterHandshake = Pick<RequestHandlers, 'currentTime'>
type Answer = Answers[RequestType]

export class Driver {
  readonly connection: Connection
  private handlers: RequestHandlers | AfterHandshake
  private readonly sink: DriverSink
  private pumping = false
  private outgoing: Uint8Array[] = []

  constructor(connection: Connection, handlers: RequestHandlers, sink: DriverSink) {
    this.connection = connection
    this.handlers = handlers
    this.sink = sink
  }

  /** Acts on what is there at the beginning: a client's ClientHello. */
  start(): void {
    this.pump()
  }

  receive(bytes: Uint8Array): void {
    this.connection.receive(bytes)
    this.pump()
  }

  endOfInput(): void {
    this.connection.endOfInput()
    this.pump()
  }

  send(data: Uint8Array): void {
    this.connection.send(data)
    this.pump()
  }

  requestKeyUpdate(peerToo: boolean): void {
    this.connection.requestKeyUpdate(peerToo)
    this.pump()
  }

  close(): void {
    this.connection.close()
    this.pump()
  }

  /** The connection's end where nobody is left to be told: no alert, no events. */
  discard(): void {
    this.connection.discard()
  }

  abort(error: TrefoilError): void {
    this.connection.abort(error)
    this.pump()
  }

  private pump(): void {
    // A handler or an event listener may call us back: the outer loop will see what that produced.
    if (this.pumping) return
    this.pumping = true
    try {
      for (;;) {
        const output = this.connection.poll()
        if (output === undefined) {
          if (this.outgoing.length === 0) break
          // The sink may call us back, so there may be more to do afterwards.
          this.transmit()
        } else if (output.type === 'transmit') {
          this.outgoing.push(output.bytes)
        } else if (output.type === 'request') {
          this.handle(output.request)
        } else {
          this.transmit()
          this.sink.event(output)
        }
      }
    } finally {
      this.pumping = false
    }
    // An open connection does not hold on to what its handshake had to know.
    if (this.connection.settled) this.handlers = { currentTime: this.handlers.currentTime }
  }

  private transmit(): void {
    const pieces = this.outgoing
    const [first] = pieces
    if (first === undefined) return
    this.outgoing = []
    if (this.sink.transmitPieces !== undefined) this.sink.transmitPieces(pieces)
    else this.sink.transmit(pieces.length === 1 ? first : concatAll(pieces))
  }

  private handle(request: Request): void {
    let answer: Answer | Promise<Answer>
    try {
      answer = this.call(request)
    } catch (thrown) {
      this.connection.refuse(refusal(request, thrown))
      return
    }
    if (!(answer instanceof Promise)) {
      this.connection.answer(answer)
      return
    }
    answer.then(
      (value) => {
        this.connection.answer(value)
        this.pump()
      },
      (thrown: unknown) => {
        this.connection.refuse(refusal(request, thrown))
        this.pump()
      },
    )
  }

  private call(request: Request): Answer | Promise<Answer> {
    // Each handler takes the requests of its own type; the compiler cannot follow the correlation.
    const handlers = this.handlers as RequestHandlers
    const handler = handlers[request.type] as (request: Request) => Answer | Promise<Answer>
    return handler(request)
  }
}

function refusal(request: Request, thrown: unknown): TrefoilError {
  if (request.type !== 'sign') return toTrefoilError(thrown)
  return toTrefoilError(thrown, 'ERR_SIGNER', 'the signer of our certificate key failed')
}
