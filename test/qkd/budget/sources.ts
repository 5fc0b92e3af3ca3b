/** Key sources that do as they are told, and budgets that are closed when the test is over. */
import { randomBytes } from 'node:crypto'
import { expect, onTestFinished } from 'vitest'
import { type ErrorCode, TrefoilError } from '../../../src/errors.js'
import {
  type DeliveryLink,
  type KeyBudget,
  type KeyBudgetEvents,
  type KeyBudgetOptions,
  type KeyRequestOptions,
  type KeySource,
  keyBudget,
  type QkdKey,
} from '../../../src/qkd/index.js'

/** What a source does when it is asked: refuses with a code, never answers, throws what is no TrefoilError, or gives. */
export type Behaviour = ErrorCode | 'hang' | 'throw' | null

export interface Call {
  readonly method: 'getKey' | 'getKeys' | 'getKeyWithId' | 'status'
  readonly peerSaeId: string
  readonly keyId?: string
  readonly number?: number
}

export class ScriptedSource implements KeySource {
  readonly name: string
  behaviour: Behaviour = null
  readonly calls: Call[] = []
  /** Every key it made, in order, as the objects that were handed over. */
  readonly made: QkdKey[] = []
  /** Keys it gives by ID. */
  readonly named = new Map<string, Uint8Array>()
  /** What the next keys are, before fresh ones. */
  readonly next: QkdKey[] = []
  /** Ends the calls that hang. */
  readonly hanging: ((late: boolean) => void)[] = []
  deliveryLink: DeliveryLink | null = null
  /** The signals it was handed. */
  readonly signals: AbortSignal[] = []

  constructor(name = 'scripted') {
    this.name = name
  }

  async getKey(peerSaeId: string, options: KeyRequestOptions = {}): Promise<QkdKey> {
    await this.#act({ method: 'getKey', peerSaeId }, options)
    return this.fresh()
  }

  async getKeyWithId(peerSaeId: string, keyId: string, options: KeyRequestOptions = {}): Promise<QkdKey> {
    await this.#act({ method: 'getKeyWithId', peerSaeId, keyId }, options)
    const key = this.named.get(keyId)
    if (key === undefined) throw new TrefoilError('ERR_QKD_KEY_NOT_FOUND', 'no such key')
    const delivered = { keyId, key: Uint8Array.from(key) }
    this.made.push(delivered)
    return delivered
  }

  async status(peerSaeId: string, options: KeyRequestOptions = {}) {
    await this.#act({ method: 'status', peerSaeId }, options)
    return { storedKeyCount: 5, maxKeyCount: 10, keySize: 256, minKeySize: 128, maxKeySize: 512, maxKeysPerRequest: 3 }
  }

  fresh(): QkdKey {
    const made = this.next.shift() ?? { keyId: randomBytes(8).toString('hex'), key: new Uint8Array(randomBytes(32)) }
    this.made.push(made)
    return made
  }

  /** Calls for keys so far. */
  get asked(): number {
    return this.calls.filter(({ method }) => method !== 'status').length
  }

  protected async act(call: Call, options: KeyRequestOptions): Promise<void> {
    await this.#act(call, options)
  }

  async #act(call: Call, { signal }: KeyRequestOptions): Promise<void> {
    this.calls.push(call)
    if (signal !== undefined) this.signals.push(signal)
    const { behaviour } = this
    if (behaviour === null) return
    if (behaviour === 'hang') return new Promise((resolve) => this.hanging.push(() => resolve()))
    if (behaviour === 'throw') throw new Error('octets 00112233 of a key')
    throw new TrefoilError(behaviour, `${this.name} says ${behaviour}`)
  }
}

/** One that can give several keys in a call, up to a limit of its own. */
export class ScriptedBatchSource extends ScriptedSource {
  limit = Number.POSITIVE_INFINITY
  stored = Number.POSITIVE_INFINITY

  async getKeys(peerSaeId: string, options: KeyRequestOptions & { number: number }): Promise<QkdKey[]> {
    const { number } = options
    await this.act({ method: 'getKeys', peerSaeId, number }, options)
    if (number > this.limit) throw new TrefoilError('ERR_QKD_REFUSED', `number shall be at most ${this.limit}`)
    if (number > this.stored) throw new TrefoilError('ERR_QKD_EXHAUSTED', 'not enough keys are stored')
    this.stored -= number
    return Array.from({ length: number }, () => this.fresh())
  }
}

export interface Budgeted {
  readonly budget: KeyBudget
  /** Events so far, in order. */
  readonly events: { readonly name: string; readonly event: Record<string, unknown> }[]
  /** Names of the events so far. */
  names(): string[]
}

const EVENTS: readonly (keyof KeyBudgetEvents)[] = [
  'low',
  'refilled',
  'exhausted',
  'failover',
  'circuit',
  'expired',
  'failure',
]

/** A budget without jitter that prefetches nothing unless told, closed when the test is over. */
export function makeBudget(options: KeyBudgetOptions): Budgeted {
  const budget = keyBudget({ highWaterMark: 0, random: () => 0, ...options })
  onTestFinished(() => budget.close())
  return { budget, ...record(budget) }
}

export function record(budget: KeyBudget): Omit<Budgeted, 'budget'> {
  const events: { name: string; event: Record<string, unknown> }[] = []
  for (const name of EVENTS) budget.on(name, (event: object) => events.push({ name, event: { ...event } }))
  return { events, names: () => events.map(({ name }) => name) }
}

export const code = (expected: ErrorCode) => expect.objectContaining({ code: expected })

/** Whether a key object's octets were overwritten. */
export const isWiped = ({ key }: QkdKey): boolean => key.every((octet) => octet === 0)
