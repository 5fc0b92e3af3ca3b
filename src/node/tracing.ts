/**
 * Operations as node:diagnostics_channel tells them, by the conventions of its TracingChannel: one message accompanies an
 * operation through `start`, `end`, `error`, `asyncStart` and `asyncEnd`, and gains `result` or `error` on the way. Where
 * nobody listens when an operation begins, nothing is made.
 */
import type { TracingChannel } from 'node:diagnostics_channel'
import type { TrefoilError } from '../errors.js'

export interface TraceMessage<Result> {
  result?: Result
  error?: TrefoilError
}

export class Trace<Message extends TraceMessage<unknown>> {
  readonly #channel: TracingChannel
  readonly #message: Message
  #settled = false

  private constructor(channel: TracingChannel, message: Message) {
    this.#channel = channel
    this.#message = message
  }

  /** Null when nobody listens: then the message is not made. */
  static of<Message extends TraceMessage<unknown>>(
    channel: TracingChannel,
    describe: () => Message,
  ): Trace<Message> | null {
    const { start, end, asyncStart, asyncEnd, error } = channel
    const heard = [start, end, asyncStart, asyncEnd, error].some(({ hasSubscribers }) => hasSubscribers)
    return heard ? new Trace(channel, describe()) : null
  }

  /** The synchronous part, within the stores bound to `start`. */
  run<T>(work: () => T): T {
    try {
      return this.#channel.start.runStores(this.#message, work)
    } finally {
      this.#channel.end.publish(this.#message)
    }
  }

  /** How it ended; only the first word counts. */
  succeeded(outcome: Partial<Message>): void {
    if (this.#settled) return
    Object.assign(this.#message, outcome)
    this.#settle()
  }

  failed(error: TrefoilError): void {
    if (this.#settled) return
    this.#message.error = error
    this.#channel.error.publish(this.#message)
    this.#settle()
  }

  #settle(): void {
    this.#settled = true
    this.#channel.asyncStart.runStores(this.#message, () => this.#channel.asyncEnd.publish(this.#message))
  }
}
