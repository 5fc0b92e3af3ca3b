/** Where the time of a handshake goes, step by step, by a provider that is measured and handlers that are. */
import type { RequestHandlers, RequestType } from '../../tls/index.js'
import type { Side } from '../handshakes/coreHandshake.js'
import type { Measure, Operation } from '../meter/operation.js'
import { processorMicroseconds } from '../rounds.js'

export const STEPS = [
  'ML-KEM key generation',
  'ML-KEM encapsulation',
  'ML-KEM decapsulation',
  'curve key generation',
  'curve agreement',
  'HKDF and HMAC',
  'hashing',
  'signing',
  'verifying',
  'AEAD',
  'random octets',
  'certificates',
  'PSKs and tickets',
  'setting up',
  'the rest',
] as const

export type Step = (typeof STEPS)[number]

/** Microseconds by step; together they are the whole. */
export type StepTimes = Readonly<Record<Step, number>>

/** What the step of an operation is. The server's key pair of the curve is made where it agrees. */
function stepOf({ kind }: Operation): Step {
  switch (kind) {
    case 'mlkem generate':
      return 'ML-KEM key generation'
    case 'mlkem encapsulate':
      return 'ML-KEM encapsulation'
    case 'mlkem decapsulate':
      return 'ML-KEM decapsulation'
    case 'curve generate':
      return 'curve key generation'
    case 'curve agree':
    case 'curve respond':
      return 'curve agreement'
    case 'hmac':
    case 'hmac key':
      return 'HKDF and HMAC'
    case 'hash':
    case 'update':
    case 'digest':
      return 'hashing'
    case 'sign':
      return 'signing'
    case 'verify':
    case 'verifying key':
      return 'verifying'
    case 'seal':
    case 'open':
    case 'aead key':
      return 'AEAD'
    case 'random':
      return 'random octets'
  }
}

const HANDLER_STEPS: Readonly<Partial<Record<RequestType, Step>>> = {
  verifyCertificate: 'certificates',
  selectCertificate: 'certificates',
  offerPsks: 'PSKs and tickets',
  selectPsk: 'PSKs and tickets',
  fetchPsk: 'PSKs and tickets',
  sealTicket: 'PSKs and tickets',
}

/**
 * A stop watch with one hand: at any moment time goes to one step of one side. A step inside another stops the outer
 * one, so nothing is counted twice.
 */
export class StopWatch {
  readonly #now: () => number
  readonly #times = { client: noTimes(), server: noTimes() }
  #side: Side | null = null
  #step: Step = 'the rest'
  #since = 0

  /** @param now in microseconds; unless given, of processor time, which others on the machine do not use up */
  constructor(now: () => number = processorMicroseconds) {
    this.#now = now
  }

  /** For `CoreOptions.onTurn`. */
  readonly turn = (side: Side | null): void => {
    this.#charge()
    this.#side = side
    this.#step = 'the rest'
  }

  /** For a metered provider. */
  readonly measure: Measure = (operation, work) => this.time(stepOf(operation), work)

  time<T>(step: Step, work: () => T): T {
    const outer = this.#step
    this.#charge()
    this.#step = step
    try {
      return work()
    } finally {
      this.#charge()
      this.#step = outer
    }
  }

  /** For `CoreOptions.wrap`. The part of an answer that comes later belongs to what it does then. */
  readonly wrap = (_side: Side, handlers: RequestHandlers): RequestHandlers => {
    const timed = Object.entries(HANDLER_STEPS).map(([type, step]) => {
      const handler = handlers[type as RequestType] as (request: unknown) => unknown
      return [type, (request: unknown) => this.time(step, () => handler(request))]
    })
    return { ...handlers, ...Object.fromEntries(timed) }
  }

  /** Microseconds of one side since the beginning. */
  timesOf(side: Side): StepTimes {
    return { ...this.#times[side] }
  }

  #charge(): void {
    const now = this.#now()
    if (this.#side !== null) this.#times[this.#side][this.#step] += now - this.#since
    this.#since = now
  }
}

export function totalOf(times: StepTimes): number {
  return STEPS.reduce((sum, step) => sum + times[step], 0)
}

export function mapSteps(value: (step: Step) => number): Record<Step, number> {
  return Object.fromEntries(STEPS.map((step) => [step, value(step)])) as Record<Step, number>
}

function noTimes(): Record<Step, number> {
  return mapSteps(() => 0)
}
