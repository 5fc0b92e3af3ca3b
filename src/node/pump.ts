/**
 * Between the driver and the transport: what the core wants sent is written, what it reports is handed on, in its
 * order and never from inside the core, so that a listener may call back into the connection.
 */
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { concatAll, wipe } from '../bytes.js'
import { TrefoilError } from '../errors.js'
import { type ConnectionEvent, Driver } from '../tls/index.js'
import type { Handshake } from './endpoint.js'
import { releaseOctets } from './releaseOctets.js'

export type WriteCallback = (error?: Error | null) => void

export class Pump {
  readonly #transport: Duplex
  readonly #driver: Driver
  readonly #onEvent: (event: ConnectionEvent) => void
  #outgoing: Uint8Array[] = []
  #events: ConnectionEvent[] = []
  #acting = false
  #draining = false
  #drainScheduled = false

  constructor(transport: Duplex, handshake: Handshake, onEvent: (event: ConnectionEvent) => void) {
    this.#transport = transport
    this.#onEvent = onEvent
    this.#driver = new Driver(handshake.connection, handshake.handlers, {
      transmit: (bytes) => this.#send([bytes]),
      transmitPieces: (pieces) => this.#send(pieces),
      event: (event) => {
        this.#events.push(event)
        this.#scheduleDrain()
      },
    })
  }

  /**
   * Lets the core work, then carries out what it wants. `written` is called when the transport has taken the octets.
   * Throws what `work` throws, and then does not call `written`.
   */
  act(work: (driver: Driver) => void, written?: WriteCallback): void {
    this.#acting = true
    try {
      work(this.#driver)
    } finally {
      this.#acting = false
    }
    this.#flush(written)
    this.#drain()
  }

  /** The last call: nothing the core says is heard any more, and it forgets its keys (after a clean end it has). */
  discard(closedCleanly: boolean): void {
    this.#acting = true
    this.#draining = true
    if (!closedCleanly) this.#driver.discard()
    this.#outgoing = []
    for (const event of this.#events) if (event.type === 'session') wipe(event.session.psk)
    this.#events = []
  }

  #send(pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) this.#outgoing.push(piece)
    this.#scheduleDrain()
  }

  /** The core also speaks on its own, when an answer that it waited for has come. */
  #scheduleDrain(): void {
    if (this.#acting || this.#draining || this.#drainScheduled) return
    this.#drainScheduled = true
    queueMicrotask(() => {
      this.#drainScheduled = false
      this.#drain()
    })
  }

  #drain(): void {
    this.#flush()
    if (this.#draining) return
    this.#draining = true
    try {
      for (let event = this.#events.shift(); event !== undefined; event = this.#events.shift()) {
        this.#onEvent(event)
        this.#flush()
      }
    } finally {
      this.#draining = false
    }
  }

  #flush(written?: WriteCallback): void {
    const pieces = this.#outgoing
    const transport = this.#transport
    const done = written && ((cause?: Error | null) => written(cause ? transportFailed(cause) : null))
    this.#outgoing = []
    if (pieces.length === 0 || !transport.writable) {
      done?.(pieces.length === 0 ? null : new Error('it is closed'))
      return
    }
    if (pieces.length === 1 || isShort(pieces) || !writesMany(transport)) {
      transport.write(pieces.length === 1 ? pieces[0] : concatAll(pieces), done)
      return
    }
    const taken = transport instanceof Socket ? takenBy(pieces, done) : done
    transport.cork()
    pieces.forEach((piece, i) => {
      transport.write(piece, i === pieces.length - 1 ? taken : undefined)
    })
    transport.uncork()
  }
}

/**
 * Gives the memory of ciphertext back once the kernel has it. Left to the collector, what a bulk transfer leaves behind is
 * far larger than the caches of the processor, and every record pays for that.
 */
function takenBy(pieces: readonly Uint8Array[], done: WriteCallback | undefined): WriteCallback {
  return (cause) => {
    for (const piece of pieces) releaseOctets(piece)
    done?.(cause)
  }
}

/** Putting these together costs less than several writes. */
function isShort(pieces: readonly Uint8Array[]): boolean {
  return pieces.reduce((sum, { length }) => sum + length, 0) <= 4096
}

/** Whether what is written between cork and uncork goes out in one call: so in net.Socket, not in every Duplex. */
function writesMany(transport: Duplex): boolean {
  return typeof transport._writev === 'function'
}

export function transportFailed(cause: Error): TrefoilError {
  return new TrefoilError('ERR_TRANSPORT', `transport failed: ${cause.message}`, { cause })
}
