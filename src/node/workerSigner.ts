/**
 * Signing in threads of their own, so that the event loop is not held meanwhile: with noble, on a Node without ML-DSA, a
 * signature takes some 10 milliseconds and now and then several times that.
 */
import { Worker } from 'node:worker_threads'
import { copy } from '../bytes.js'
import { defaultProvider } from '../crypto/index.js'
import type { PrivateKeyMaterial } from '../crypto/provider.js'
import type { KeyAlgorithm, SignatureSchemeName } from '../crypto/signatureSchemes.js'
import { TrefoilError } from '../errors.js'
import { type Passphrase, parsePrivateKey, wipePrivateKey } from '../pki/index.js'
import type { Pem } from './contextOptions.js'
import type { ExternalSigner } from './externalSigner.js'
import { isPem } from './keyOption.js'
import type { KeyMessage, SignMessage, SignReply } from './signerThread.js'

export interface WorkerSignerOptions {
  /** PEM or DER, as the option `key`. */
  readonly key: Pem
  readonly passphrase?: Passphrase | undefined
  /** How many sign at the same time; default 1. */
  readonly threads?: number | undefined
}

/** Give it as `key`. Threads that have nothing to sign do not keep the process alive. */
export interface WorkerSigner extends ExternalSigner {
  readonly algorithm: KeyAlgorithm
  readonly publicKey: Uint8Array
  /** Ends the threads, and their keys with them; what waits for a signature is refused, and whatever comes later. */
  close(): Promise<void>
}

const MAX_THREADS = 64

/**
 * Starts the threads and hands each the key. The octets of the key are wiped here; while the threads live, the key is in
 * them alone. A thread that ends by itself is not replaced.
 * @throws TrefoilError ERR_INVALID_OPTION, and what unusable keys are refused with
 */
export function workerSigner({ key, passphrase, threads = 1 }: WorkerSignerOptions): WorkerSigner {
  if (!Number.isInteger(threads) || threads < 1 || threads > MAX_THREADS) {
    throw new TrefoilError('ERR_INVALID_OPTION', `threads must be 1 to ${MAX_THREADS}`)
  }
  if (!isPem(key)) throw new TrefoilError('ERR_INVALID_OPTION', 'a signing thread needs its key as PEM or DER')
  const material = parsePrivateKey(key, { passphrase })
  try {
    // Here only to learn the public key, and that the private one is sound.
    const checked = defaultProvider().signingKey(material)
    checked.wipe()
    const pool = new SignerPool(Array.from({ length: threads }, () => startThread(material)))
    return {
      algorithm: checked.algorithm,
      publicKey: checked.publicKey,
      sign: (scheme, message, { signal }) => pool.sign(scheme, message, signal),
      close: () => pool.close(),
    }
  } finally {
    wipePrivateKey(material)
  }
}

function startThread(material: PrivateKeyMaterial): Worker {
  // None of our own flags: what they load has no business where the key is.
  const thread = new Worker(new URL('./signerThread.js', import.meta.url), { name: 'trefoil signer', execArgv: [] })
  const own = copyMaterial(material)
  thread.postMessage({ material: own.material } satisfies KeyMessage, [own.octets.buffer as ArrayBuffer])
  return thread
}

/** Octets of their own, which can be moved into a thread: none stay behind. */
function copyMaterial(material: PrivateKeyMaterial): { material: PrivateKeyMaterial; octets: Uint8Array } {
  if ('seed' in material) {
    const octets = copy(material.seed)
    return { material: { ...material, seed: octets }, octets }
  }
  if ('expandedKey' in material) {
    const octets = copy(material.expandedKey)
    return { material: { ...material, expandedKey: octets }, octets }
  }
  if ('scalar' in material) {
    const octets = copy(material.scalar)
    return { material: { ...material, scalar: octets }, octets }
  }
  const octets = copy(material.pkcs1)
  return { material: { ...material, pkcs1: octets }, octets }
}

interface Job extends SignMessage {
  readonly signal: AbortSignal
  readonly settle: (signature: SignReply | TrefoilError) => void
}

/** Threads that work and threads that wait, and the jobs that wait for them, first come, first served. */
class SignerPool {
  readonly #idle: Worker[]
  readonly #busy = new Map<Worker, Job>()
  readonly #waiting: Job[] = []

  constructor(threads: Worker[]) {
    this.#idle = threads
    for (const thread of threads) {
      thread.on('message', (reply: SignReply) => this.#finished(thread, reply))
      thread.on('error', () => this.#ended(thread))
      thread.on('exit', () => this.#ended(thread))
      // Last, since a listener for messages counts as somebody who waits.
      thread.unref()
    }
  }

  sign(scheme: SignatureSchemeName, message: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const settle = (result: SignReply | TrefoilError): void => {
        signal.removeEventListener('abort', abandon)
        if (result instanceof Uint8Array) resolve(result)
        else reject(result ?? failed('a signing thread could not sign'))
      }
      const job: Job = { scheme, message, signal, settle }
      const abandon = (): void => {
        // A thread that has begun goes on to the end; nobody hears of it.
        const place = this.#waiting.indexOf(job)
        if (place >= 0) this.#waiting.splice(place, 1)
        settle(failed('the signature was no longer wanted'))
      }
      if (signal.aborted) return abandon()
      signal.addEventListener('abort', abandon, { once: true })
      this.#waiting.push(job)
      this.#work()
    })
  }

  async close(): Promise<void> {
    const threads = [...this.#idle, ...this.#busy.keys()]
    await Promise.all(threads.map((thread) => thread.terminate()))
  }

  #work(): void {
    while (this.#waiting.length > 0) {
      const thread = this.#idle.pop()
      if (thread === undefined) break
      const job = this.#waiting.shift() as Job
      this.#busy.set(thread, job)
      thread.ref()
      thread.postMessage({ scheme: job.scheme, message: job.message } satisfies SignMessage)
    }
    if (this.#idle.length + this.#busy.size > 0) return
    for (const job of this.#waiting.splice(0)) job.settle(failed('the signing threads have ended'))
  }

  #finished(thread: Worker, reply: SignReply): void {
    const job = this.#busy.get(thread)
    this.#busy.delete(thread)
    this.#idle.push(thread)
    thread.unref()
    job?.settle(reply)
    this.#work()
  }

  /** Both events of a thread that fails come here. */
  #ended(thread: Worker): void {
    const job = this.#busy.get(thread)
    this.#busy.delete(thread)
    const place = this.#idle.indexOf(thread)
    if (place >= 0) this.#idle.splice(place, 1)
    job?.settle(failed('a signing thread ended'))
    this.#work()
  }
}

function failed(sentence: string): TrefoilError {
  return new TrefoilError('ERR_SIGNER', sentence)
}
