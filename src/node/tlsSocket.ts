/**
 * A TLS connection as a Node stream. The protocol core does all the protocol; here its events meet the stream, with
 * back-pressure both ways.
 */
import type { Duplex } from 'node:stream'
import { wipe } from '../bytes.js'
import { TrefoilError, toTrefoilError } from '../errors.js'
import type { ConnectionEvent, HandshakeSummary } from '../tls/index.js'
import type { PeerVerdict } from './certificates.js'
import { type HandshakeTrace, tellClose, traceHandshake } from './connectionChannels.js'
import type { Endpoint, Handshake } from './endpoint.js'
import { joinShort } from './joinShort.js'
import { describeProtection, peerShown } from './protection.js'
import { serializeSession } from './psk/index.js'
import { Pump, transportFailed, type WriteCallback } from './pump.js'
import { describePeer } from './rawKeys/peer.js'
import { releaseReceived } from './releaseOctets.js'
import { abortedBy, clientGone, timedOut } from './socketFailures.js'
import { SocketInformation } from './socketInformation.js'
import type { Trace } from './tracing.js'
import { closeAfterFlush } from './transportClosing.js'

/** Well above what the longest legal handshake takes; the rest stays in the transport until it is complete. */
const MAX_OCTETS_BEFORE_ESTABLISHED = 1024 * 1024

/** What an AbortController would make for itself, at the price of a stack trace each time. */
const CLOSED = new DOMException('the connection was closed', 'AbortError')

/**
 * Made by `connect` and by a `Server`, never by itself. Like tls.TLSSocket it emits `secureConnect` (client),
 * `secure`, `session`, `keylog`, `timeout` and what streams emit; `keyUpdate` with 'sent' or 'received' besides.
 * Every error is a TrefoilError.
 */
export class TLSSocket extends SocketInformation {
  readonly #role: Endpoint['role']
  /** See {@link Endpoint}. */
  readonly #abandon: AbortController
  /** Null once the handshake has begun. */
  #endpoint: Endpoint | null
  #handshakeTimer: NodeJS.Timeout | undefined
  #startedAt = 0
  #handshake: Handshake | null = null
  #pump: Pump | null = null
  /** The write or the end that waits until the handshake is complete. */
  #whenSecure: (() => void) | null = null
  #localClosed = false
  #peerClosed = false
  #octetsBeforeEstablished = 0
  /** The core has ended the connection: its alert may be on its way. */
  #failed = false
  /** Null where nobody listens. */
  #trace: Trace<HandshakeTrace> | null = null

  /** @internal */
  constructor(transport: Duplex, endpoint: Endpoint) {
    super(transport, endpoint)
    this.#role = endpoint.role
    this.#abandon = endpoint.abandon
    this.#endpoint = endpoint
    this.#limitTime(endpoint)
    transport.on('error', (cause) => this.destroy(transportFailed(cause)))
    transport.once('close', () => this.#onTransportClose())
    if (this.connecting) {
      transport.once('connect', () => {
        this.emit('connect')
        this.#start()
      })
    } else {
      process.nextTick(() => this.#start())
    }
  }

  /**
   * Replaces our sending keys, and asks the peer for the same with `peer` (RFC 9846 4.7.3).
   * @throws TrefoilError ERR_INVALID_STATE before the handshake is complete or after the end
   */
  requestKeyUpdate({ peer = false }: { peer?: boolean } = {}): void {
    if (!this.established || !this.#pump || this.destroyed) {
      throw new TrefoilError('ERR_INVALID_STATE', 'keys are updated on an established connection only')
    }
    this.#pump.act((driver) => driver.requestKeyUpdate(peer))
  }

  /** Ends the connection with the alert of `error`, then destroys the socket with it. @internal */
  abort(error: TrefoilError): void {
    if (this.destroyed) return
    // A client that has not said anything yet has nothing to take back.
    if (this.#role === 'server' && !this.#pump) this.#start()
    this.#pump?.act((driver) => driver.abort(error))
    // The core reports the error back; where there is no core yet, the end is the same.
    if (!this.destroyed) this.#fail(error)
  }

  override _read(): void {
    if (this.established) this.transport.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: WriteCallback): void {
    this.#writeAll([chunk], callback)
  }

  override _writev(chunks: { chunk: Buffer; encoding: BufferEncoding }[], callback: WriteCallback): void {
    this.#writeAll(joinShort(chunks.map(({ chunk }) => chunk)), callback)
  }

  #writeAll(chunks: readonly Buffer[], callback: WriteCallback): void {
    if (!this.established || !this.#pump) {
      this.#whenSecure = () => this.#writeAll(chunks, callback)
      return
    }
    // The core has ended the connection in the same breath as it was complete: its error, which comes next, is the one to tell.
    if (!this.established.connection.handshakeComplete) return
    this.touch()
    try {
      this.#pump.act((driver) => {
        for (const chunk of chunks) driver.send(chunk)
      }, callback)
    } catch (thrown) {
      callback(toTrefoilError(thrown))
    }
  }

  /** close_notify, then the end of the transport; the peer may go on sending (RFC 9846 6.1). */
  override _final(callback: WriteCallback): void {
    if (!this.established || !this.#pump) {
      this.#whenSecure = () => this._final(callback)
      return
    }
    this.#localClosed = true
    this.#pump.act((driver) => driver.close())
    this.transport.end(() => callback())
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    clearTimeout(this.#handshakeTimer)
    this.#abandon.abort(error ?? CLOSED)
    this.#whenSecure = null
    this.#pump?.discard(this.#localClosed && this.#peerClosed)
    if (this.#failed) closeAfterFlush(this.transport)
    else this.transport.destroy()
    tellClose(this.#role, this.#trace, this, error)
    callback(error === null ? null : toTrefoilError(error, 'ERR_ABORTED', `destroyed by the caller: ${error.message}`))
  }

  #limitTime({ handshakeTimeout, signal }: Endpoint): void {
    if (handshakeTimeout > 0) {
      const end = () => this.abort(this.#handshake?.overdue() ?? timedOut(handshakeTimeout))
      this.#handshakeTimer = setTimeout(end, handshakeTimeout)
    }
    if (!signal) return
    const onAbort = () => this.abort(abortedBy(signal))
    signal.addEventListener('abort', onAbort, { once: true })
    this.once('close', () => signal.removeEventListener('abort', onAbort))
    if (signal.aborted) process.nextTick(onAbort)
  }

  #start(): void {
    const endpoint = this.#endpoint
    if (this.destroyed || endpoint === null) return
    // It knows all options of the caller: an open connection has no more use for them.
    this.#endpoint = null
    const { transport } = this
    this.#startedAt = performance.now()
    try {
      const keylog = endpoint.keylog || this.listenerCount('keylog') > 0
      this.#handshake = endpoint.begin(keylog, { local: this.localAddress, remote: this.remoteAddress })
      this.#pump = new Pump(transport, this.#handshake, (event) => this.#on(event))
    } catch (thrown) {
      this.destroy(toTrefoilError(thrown))
      return
    }
    const pump = this.#pump
    const { connection } = this.#handshake
    transport.on('data', (chunk: Uint8Array) => {
      this.touch()
      if (this.destroyed) return
      if (!this.established) this.#boundEarlyOctets(chunk.length)
      // A plain view: the core takes slice() for a copy, and that of a Buffer is none.
      const octets = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length)
      pump.act((driver) => driver.receive(octets))
      if (!connection.holdsInput) releaseReceived(octets, transport)
    })
    transport.once('end', () => {
      if (this.destroyed) return
      pump.act((driver) => driver.endOfInput())
      // No Finished can come of a client that has gone, be there an alert yet to be read: no key is fetched for it. One
      // whose Finished is here may have said all that it had to say, and still listen (RFC 9846 6.1).
      const finished = this.established !== null || this.#handshake?.connection.peerIsJudged === true
      if (!finished && this.#role === 'server') this.#abandon.abort(clientGone())
    })
    const begin = () => pump.act((driver) => driver.start())
    this.#trace = traceHandshake(this.#role, this)
    if (this.#trace) this.#trace.run(begin)
    else begin()
  }

  /** While the core waits for an answer it reads nothing: what a peer may pile up meanwhile is bounded. */
  #boundEarlyOctets(length: number): void {
    this.#octetsBeforeEstablished += length
    if (this.#octetsBeforeEstablished > MAX_OCTETS_BEFORE_ESTABLISHED) this.transport.pause()
  }

  #onTransportClose(): void {
    if (this.destroyed) return
    if (!this.#peerClosed) this.#pump?.act((driver) => driver.endOfInput())
    if (this.destroyed) return
    const failure = transportFailed(new Error('closed before the connection was'))
    // After the peer's close_notify all it said is here, and may still wait for a slow reader.
    if (!this.#peerClosed) this.destroy(failure)
    else if (this.allowHalfOpen && !this.#localClosed) this.#afterEnd(() => this.destroy(failure))
  }

  /** When everything that came has been read. */
  #afterEnd(action: () => void): void {
    if (this.readableEnded) action()
    else this.once('end', action)
  }

  #on(event: ConnectionEvent): void {
    if (this.destroyed) return
    switch (event.type) {
      case 'clientHello':
        this.servername = event.serverName ?? false
        return
      case 'handshakeComplete':
        this.#onHandshakeComplete(event.summary)
        return
      case 'applicationData': {
        const { buffer, byteOffset, byteLength } = event.data
        if (!this.push(Buffer.from(buffer, byteOffset, byteLength))) this.transport.pause()
        return
      }
      case 'session':
        // What was not verified when the session began must not pass as authenticated when it is resumed.
        if (this.authorized) {
          this.lastSession = serializeSession(event.session)
          this.emit('session', this.lastSession)
        }
        wipe(event.session.psk)
        return
      case 'keyUpdate':
        this.emit('keyUpdate', event.direction)
        return
      case 'keylog':
        this.emit('keylog', Buffer.from(`${event.line}\n`))
        return
      case 'peerClosed':
        this.#peerClosed = true
        this.push(null)
        // A stream that nobody reads must notice its end too, as net.Socket does.
        this.read(0)
        return
      case 'error':
        this.#fail(event.error)
    }
  }

  #onHandshakeComplete(summary: HandshakeSummary): void {
    const { connection, keyFetch, onAuthenticated, namesOf, sharedSchemes } = this.#handshake as Handshake
    clearTimeout(this.#handshakeTimer)
    const verdict = summary.peerSource as PeerVerdict | null | undefined
    this.authorizationError = verdict?.authorizationError ?? null
    const protection = describeProtection({
      summary,
      peerVerified: this.authorizationError === null,
      milliseconds: performance.now() - this.#startedAt,
      keyFetch,
    })
    const peer = describePeer(peerShown(summary), namesOf)
    this.established = { connection, summary, protection, peer, sharedSchemes: sharedSchemes() }
    if (this.maxSendFragment) connection.limitRecords(this.maxSendFragment)
    this.authorized = protection.authentication.peer !== null
    if (this.authorized) onAuthenticated(summary)
    this.alpnProtocol = summary.applicationProtocol ?? false
    this.servername = summary.serverName ?? false
    if (this.#octetsBeforeEstablished > MAX_OCTETS_BEFORE_ESTABLISHED) this.transport.resume()
    this.#trace?.succeeded({ result: protection, serverName: summary.serverName })
    // An open connection keeps nothing of how it came about.
    this.#handshake = null
    const waiting = this.#whenSecure
    this.#whenSecure = null
    waiting?.()
    this.emit('secure')
    if (this.#role === 'client') this.emit('secureConnect')
  }

  #fail(error: TrefoilError): void {
    this.#failed = true
    if (!this.established) this.#handshake?.onFailed()
    this.destroy(error)
  }
}
