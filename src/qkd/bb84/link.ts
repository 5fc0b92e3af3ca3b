/**
 * A simulated BB84 link: two sites that come to hold the same secret octets. It is a simulation, for demonstrations and
 * tests: the physics is drawn from a random generator, both sites are in one process, and the keys are as unpredictable
 * as the seed, no more. What is true to life is what it does with the pulses: the protocol, its statistics, what it
 * costs, and how it fails.
 */
import { EventEmitter } from 'node:events'
import { Worker } from 'node:worker_threads'
import { wipe } from '../../bytes.js'
import { TrefoilError } from '../../errors.js'
import { abortedRequest, refuseIfAborted } from '../abort.js'
import type { KeyMaterialSource } from '../kme/keyMaterial.js'
import type { Stage } from './engine.js'
import { KeyTap, SharedTaps } from './keyTap.js'
import { checkFraction } from './limits.js'
import { type Bb84LinkOptions, type CheckedLinkOptions, checkLinkOptions } from './linkOptions.js'
import type { Bb84Parameters } from './parameters.js'
import { describeReason } from './reasons.js'
import type { BlockReport } from './report.js'
import { type Bb84LinkStatus, Totals } from './status.js'
import type { FromWorker, ToWorker } from './workerMessages.js'

export interface Bb84LinkEvents {
  /** A block is finished, with or without a key. */
  block: [BlockReport]
  /** What the block in work is busy with. */
  progress: [Stage & { readonly block: number }]
  /** The link will give no more keys. */
  stopped: [message: string]
}

export interface Bb84Link extends EventEmitter<Bb84LinkEvents> {
  /** The secret octets at either site, Alice's (A) and Bob's (B): two queues with the same content. */
  readonly siteA: KeyMaterialSource & { readonly available: number; readonly offset: number }
  readonly siteB: KeyMaterialSource & { readonly available: number; readonly offset: number }
  /**
   * A share of the link for one pair of SAEs, as embedded key managers ask for it (`material` of their options). An
   * octet goes to one pair only, and leaves both sites.
   */
  material(masterSaeId: string, slaveSaeId: string): KeyMaterialSource
  /**
   * Puts an eavesdropper on a fraction of the pulses, who measures each in a random basis and sends it on as she found
   * it; 0 takes her away. From the next block on, which is made at once, even if the store is full.
   * @throws TrefoilError ERR_INVALID_OPTION when it is no fraction
   */
  setEavesdropper(fraction: number): void
  status(): Bb84LinkStatus
  /**
   * Resolves when both sites have `bytes` octets in store; default 1. Keeps the process alive until then.
   * @throws TrefoilError ERR_QKD_EXHAUSTED when the link has stopped, ERR_ABORTED, ERR_INVALID_STATE when it is closed,
   *   ERR_INVALID_OPTION when it never stores so many
   */
  ready(bytes?: number, options?: { readonly signal?: AbortSignal }): Promise<void>
  /** Ends the thread and wipes what is in store. */
  close(): Promise<void>
}

/**
 * Starts a link in a thread of its own, which does not keep the process alive.
 * @throws TrefoilError ERR_INVALID_OPTION, and what the crypto provider says of signature keys
 */
export function createBb84Link(options: Bb84LinkOptions): Bb84Link {
  return new SimulatedLink(checkLinkOptions(options))
}

const PAUSE_MILLISECONDS = 1000

class SimulatedLink extends EventEmitter<Bb84LinkEvents> implements Bb84Link {
  readonly siteA: KeyTap
  readonly siteB: KeyTap
  readonly #parameters: Bb84Parameters
  readonly #bufferBytes: number
  readonly #shared: SharedTaps
  readonly #worker: Worker
  readonly #totals = new Totals()
  readonly #waiting = new Set<() => void>()
  #state: Bb84LinkStatus['state'] = 'resting'
  #failure: string | null = null
  #eavesdropping = 0
  /** A block is due whether or not there is room for its key. */
  #isCurious = false
  /** Ends the pause after a block without a key. */
  #pause: NodeJS.Timeout | null = null

  constructor(options: CheckedLinkOptions) {
    super()
    this.#parameters = options.engine.parameters
    this.#bufferBytes = options.bufferBytes
    const reason = (): string | null => this.#reason()
    const onDrawn = (): void => this.#proceed()
    this.siteA = new KeyTap(reason, onDrawn)
    this.siteB = new KeyTap(reason, onDrawn)
    this.#shared = new SharedTaps(this.siteA, this.siteB)
    // No flags of the process: some, such as --input-type, are for its main program alone.
    const workerOptions = { workerData: options.engine, execArgv: [] }
    this.#worker = new Worker(new URL('./worker.js', import.meta.url), workerOptions)
    // The thread has its own by now.
    wipe(options.engine.seed)
    this.#worker.on('message', (message: FromWorker) => this.#receive(message))
    this.#worker.on('error', (error) => this.#stop(`the simulation failed: ${error.message}`))
    this.#worker.unref()
    this.setEavesdropper(options.eavesdropper)
  }

  material(_masterSaeId: string, _slaveSaeId: string): KeyMaterialSource {
    return this.#shared.taker()
  }

  setEavesdropper(fraction: number): void {
    checkFraction(fraction)
    this.#eavesdropping = fraction
    this.#isCurious = true
    this.#tell({ kind: 'eavesdropping', fraction })
    this.#proceed()
  }

  status(): Bb84LinkStatus {
    return {
      state: this.#state,
      reason: this.#totals.last?.reason ?? null,
      eavesdropping: this.#eavesdropping,
      ...this.#totals.summary(this.#parameters),
      bufferedBytes: { siteA: this.siteA.available, siteB: this.siteB.available },
    }
  }

  async ready(bytes = 1, { signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    refuseIfAborted(signal)
    if (!(bytes <= this.#bufferBytes)) {
      throw new TrefoilError('ERR_INVALID_OPTION', 'the link never stores so many bytes: bufferBytes is smaller')
    }
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        const refusal = signal?.aborted === true ? abortedRequest(signal) : this.#refusal()
        const isThere = Math.min(this.siteA.available, this.siteB.available) >= bytes
        if (!isThere && refusal === null) return
        this.#waiting.delete(look)
        signal?.removeEventListener('abort', look)
        if (this.#waiting.size === 0) this.#worker.unref()
        if (isThere) resolve()
        else reject(refusal)
      }
      this.#waiting.add(look)
      this.#worker.ref()
      signal?.addEventListener('abort', look)
      look()
    })
  }

  async close(): Promise<void> {
    this.#state = 'closed'
    this.#endPause()
    this.siteA.wipe()
    this.siteB.wipe()
    this.#look()
    await this.#worker.terminate()
  }

  #receive(message: FromWorker): void {
    if (this.#state === 'closed') return
    if (message.kind === 'stage') {
      this.emit('progress', { block: this.#totals.finished, ...message.stage })
      return
    }
    const { report, keyA, keyB, isExhausted } = message
    this.#totals.add(report)
    this.siteA.fill(keyA)
    this.siteB.fill(keyB)
    this.#state = 'resting'
    if (report.reason !== null) this.#startPause()
    this.emit('block', report)
    if (isExhausted) this.#stop(describeReason({ kind: 'authentication-keys-exhausted' }))
    else this.#proceed()
    this.#look()
  }

  /** Has another block made, if one is due. */
  #proceed(): void {
    if (this.#state !== 'resting') return
    if (!this.#isCurious) {
      const stored = Math.max(this.siteA.available, this.siteB.available)
      if (stored >= this.#bufferBytes || this.#pause !== null) return
    }
    this.#endPause()
    this.#isCurious = false
    this.#state = 'working'
    this.#tell({ kind: 'run' })
  }

  /** A link that gives no keys is tried again and again, but not so that it keeps a processor busy. */
  #startPause(): void {
    this.#endPause()
    this.#pause = setTimeout(() => {
      this.#pause = null
      this.#proceed()
    }, PAUSE_MILLISECONDS).unref()
  }

  #endPause(): void {
    if (this.#pause !== null) clearTimeout(this.#pause)
    this.#pause = null
  }

  #stop(message: string): void {
    if (this.#state === 'closed') return
    this.#state = 'stopped'
    this.#failure = message
    this.emit('stopped', message)
    this.#look()
  }

  #tell(message: ToWorker): void {
    this.#worker.postMessage(message)
  }

  #look(): void {
    for (const look of [...this.#waiting]) look()
  }

  #refusal(): TrefoilError | null {
    if (this.#state === 'closed') return new TrefoilError('ERR_INVALID_STATE', 'the link is closed')
    return this.#failure === null ? null : new TrefoilError('ERR_QKD_EXHAUSTED', this.#reason() ?? '')
  }

  /** Why there are no keys, in words, if it is not just that they have all been taken. */
  #reason(): string | null {
    const why = this.#failure ?? this.#lastReason()
    return why === null ? null : `the quantum link gives no keys: ${why}`
  }

  #lastReason(): string | null {
    const last = this.#totals.last
    if (last === null) return 'it has just been started'
    return last.reason === null ? null : describeReason(last.reason)
  }
}
