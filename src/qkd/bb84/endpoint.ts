/** One end of the classical channel during one block: octets in, octets out, and in the end a key or a reason. */
import type { Finished } from './alice.js'
import { encodeAbort, sealMessage } from './messages.js'
import { BlockAborted, type NoKeyReason } from './reasons.js'
import type { Role, Transcript } from './transcript.js'

export type Outcome =
  | { readonly accepted: true; readonly key: Uint8Array }
  | { readonly accepted: false; readonly reason: NoKeyReason }

/** How an end acts: takes the first message, which is empty for whoever speaks first. @throws BlockAborted */
export type Script = (first: Uint8Array) => Generator<Uint8Array, Finished, Uint8Array>

export interface EndpointOptions {
  readonly role: Role
  readonly block: number
  readonly transcript: Transcript
  readonly script: Script
}

export class Endpoint {
  readonly role: Role
  readonly #block: number
  readonly #transcript: Transcript
  readonly #script: Script
  #running: Generator<Uint8Array, Finished, Uint8Array> | null = null
  #outcome: Outcome | null = null

  constructor({ role, block, transcript, script }: EndpointOptions) {
    this.role = role
    this.#block = block
    this.#transcript = transcript
    this.#script = script
  }

  /** null while the block goes on. */
  get outcome(): Outcome | null {
    return this.#outcome
  }

  /** The first message of the end that speaks first. */
  start(): Uint8Array | null {
    return this.#go(new Uint8Array(0))
  }

  /** The answer to a message of the other end; null when there is none, or none any more. */
  receive(message: Uint8Array): Uint8Array | null {
    if (this.#outcome !== null) return null
    this.#transcript.add(this.role === 'alice' ? 'bob' : 'alice', message)
    return this.#go(message)
  }

  /** The other end is silent: whatever was going on has failed. */
  abandon(): void {
    this.#running?.return(undefined as never)
    this.#outcome ??= { accepted: false, reason: { kind: 'no-answer' } }
  }

  #go(message: Uint8Array): Uint8Array | null {
    try {
      const waiting = this.#running
      this.#running ??= this.#script(message)
      const step = waiting === null ? this.#running.next() : waiting.next(message)
      if (step.done === true) {
        this.#outcome = { accepted: true, key: step.value.key }
        return step.value.farewell
      }
      this.#transcript.add(this.role, step.value)
      return step.value
    } catch (error) {
      if (!(error instanceof BlockAborted)) throw error
      this.#outcome = { accepted: false, reason: error.reason }
      return error.reason.kind === 'peer-aborted'
        ? null
        : sealMessage('abort', this.#block, encodeAbort(error.reason.kind))
    }
  }
}

/** What happens to a message on its way: it arrives as it is, as something else, or (null) not at all. */
export type Relay = (from: Role, message: Uint8Array) => Uint8Array | null

/** Lets two ends talk until both have an outcome. Bob speaks first. */
export function converse(alice: Endpoint, bob: Endpoint, relay: Relay = (_, message) => message): void {
  let [speaker, listener] = [bob, alice]
  for (let message = bob.start(); message !== null; ) {
    const arrived = relay(speaker.role, message)
    message = arrived === null ? null : listener.receive(arrived)
    ;[speaker, listener] = [listener, speaker]
  }
  alice.abandon()
  bob.abandon()
}
