/** Threads that search. Guesses go out in batches, in order, to whichever thread is free. */
import { Worker } from 'node:worker_threads'
import type { ComponentName } from './components.js'
import type { Scan, Target } from './trials/trial.js'

/** One enumeration: the unknown bits of one component, for one target or several. */
export interface SearchTask {
  readonly component: ComponentName
  readonly bits: number
  readonly targets: readonly Target[]
}

export interface Searched {
  /** By target: the guess that hit, which is the number of trials less one; null when no guess did. */
  readonly hits: readonly (number | null)[]
  /** In the fastest batch: the machine has other things to do besides. */
  readonly microsecondsPerTrial: number
}

export interface BatchRequest {
  /** Of the task; it comes along when the thread has not seen it yet. */
  readonly id: number
  readonly task: SearchTask | null
  readonly from: number
  readonly count: number
  readonly open: readonly number[]
}

export interface BatchReply extends Scan {
  readonly milliseconds: number
}

/** Trials in a batch, at most: some hundredths of a second. */
const BATCH = 2048

export class SearchThreads {
  readonly #queue: Search[] = []
  readonly #idle: Searcher[]
  readonly #all: Searcher[]
  #searches = 0
  #failure: Error | null = null

  constructor(threads: number) {
    this.#all = Array.from({ length: threads }, () => new Searcher((error) => this.#fail(error)))
    this.#idle = [...this.#all]
  }

  /**
   * Rejects when a thread fails, or when the threads are closed before it has ended.
   * @param onBatch called now and then with the number of guesses that are done
   */
  search(task: SearchTask, onBatch: (guesses: number) => void): Promise<Searched> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) return reject(this.#failure)
      this.#queue.push(new Search({ id: this.#searches++, task, onBatch, resolve, reject }))
      this.#proceed()
    })
  }

  async close(reason = new Error('the search was given up')): Promise<void> {
    this.#fail(reason)
    await Promise.all(this.#all.map((searcher) => searcher.terminate()))
  }

  #proceed(): void {
    while (this.#failure === null && this.#idle.length > 0) {
      const next = this.#queue.find((search) => search.hasMore)
      const searcher = next && this.#idle.pop()
      if (next === undefined || searcher === undefined) return
      searcher.run(next.id, next.task, next.takeBatch()).then((reply) => {
        this.#idle.push(searcher)
        if (next.settle(reply)) this.#queue.splice(this.#queue.indexOf(next), 1)
        this.#proceed()
      })
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error
    for (const search of this.#queue.splice(0)) search.reject(this.#failure)
  }
}

type Batch = Pick<BatchRequest, 'from' | 'count' | 'open'>

interface Assignment {
  readonly id: number
  readonly task: SearchTask
  readonly onBatch: (guesses: number) => void
  readonly resolve: (searched: Searched) => void
  readonly reject: (error: Error) => void
}

/** How far one task has come. */
class Search {
  readonly id: number
  readonly task: SearchTask
  readonly reject: (error: Error) => void
  readonly #assignment: Assignment
  readonly #hits: (number | null)[]
  #next = 0
  #running = 0
  #microsecondsPerTrial = Number.POSITIVE_INFINITY

  constructor(assignment: Assignment) {
    this.id = assignment.id
    this.task = assignment.task
    this.reject = assignment.reject
    this.#assignment = assignment
    this.#hits = assignment.task.targets.map(() => null)
  }

  get hasMore(): boolean {
    return this.#next < 2 ** this.task.bits && this.#open.length > 0
  }

  get #open(): number[] {
    return this.#hits.flatMap((hit, target) => (hit === null ? [target] : []))
  }

  takeBatch(): Batch {
    const from = this.#next
    const open = this.#open
    const count = Math.min(Math.ceil(BATCH / open.length), 2 ** this.task.bits - from)
    this.#next += count
    this.#running++
    return { from, count, open }
  }

  /** Whether that was the last batch. */
  settle({ hits, trials, milliseconds }: BatchReply): boolean {
    this.#running--
    if (trials > 0) this.#microsecondsPerTrial = Math.min(this.#microsecondsPerTrial, (1000 * milliseconds) / trials)
    // Batches end in any order, and only the first hit counts; there is no second one in practice.
    for (const { target, guess } of hits) this.#hits[target] = Math.min(guess, this.#hits[target] ?? guess)
    this.#assignment.onBatch(this.#next)
    if (this.hasMore || this.#running > 0) return false
    this.#assignment.resolve({ hits: this.#hits, microsecondsPerTrial: this.#microsecondsPerTrial })
    return true
  }
}

/** One thread. */
class Searcher {
  readonly #worker: Worker
  readonly #seen = new Set<number>()
  #settle: ((reply: BatchReply) => void) | null = null

  constructor(onFailure: (error: Error) => void) {
    // None of our own flags: some, such as --input-type, are for the main program alone.
    this.#worker = new Worker(new URL('./worker.js', import.meta.url), { name: 'trefoil rndl search', execArgv: [] })
    this.#worker.on('message', (reply: BatchReply) => this.#settle?.(reply))
    this.#worker.on('error', onFailure)
  }

  run(id: number, task: SearchTask, batch: Batch): Promise<BatchReply> {
    const request: BatchRequest = { id, task: this.#seen.has(id) ? null : task, ...batch }
    this.#seen.add(id)
    return new Promise((resolve) => {
      this.#settle = resolve
      this.#worker.postMessage(request)
    })
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate()
  }
}
