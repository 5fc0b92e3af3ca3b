/**
 * The cost of the last component. All others are handed to the adversary; the one that is left has n bits of entropy,
 * and he searches. Sessions are real, and what he tries is held against the tape alone. The work doubles with every bit,
 * so that "cannot decrypt" is a slope that was measured, and can be drawn out to the real size.
 */
import { availableParallelism } from 'node:os'
import { type Leaks, openConnection } from '../adversary/index.js'
import type { SearchPoint, SearchReport } from '../report.js'
import { seededRandom } from '../trace/seededRandom.js'
import { COMPONENT_NAMES, COMPONENTS, type Component, type ComponentName, type Extent } from './components.js'
import { type SessionRecorder, startSessions, type WeakSession } from './sessions.js'
import { pointOf, slopeOf } from './statistics.js'
import { type Searched, SearchThreads } from './threads.js'
import { withGuess, withoutBits } from './trials/trial.js'

export { expectedSlope, isAsExpected, meanShare, shareTolerance, slopeTolerance } from './statistics.js'

export interface SearchOptions {
  /** 16 octets or more. The same seed gives the same targets, and so the same trials; speed is as it is. */
  readonly seed: Uint8Array
  readonly extent: Extent
  /** Default: all of them. */
  readonly components?: readonly ComponentName[]
  /** Threads; default 2, or as many as there are processors. */
  readonly threads?: number
  readonly onProgress?: (progress: SearchProgress) => void
  readonly signal?: AbortSignal
}

export interface SearchProgress {
  /** The search at hand, and how far it has come: `QKD key of 20 bits: 262144 guesses`. */
  readonly what: string
  /** Searches that have ended, of how many. */
  readonly done: number
  readonly total: number
}

/**
 * @returns one report for each component
 * @throws what `signal` was aborted with
 */
export async function searchLastComponent(options: SearchOptions): Promise<SearchReport[]> {
  const { seed, extent, signal } = options
  signal?.throwIfAborted()
  const threads = new SearchThreads(options.threads ?? Math.min(2, availableParallelism()))
  const onAbort = () => void threads.close(signal?.reason)
  signal?.addEventListener('abort', onAbort, { once: true })
  const sessions = await startSessions(seed)
  try {
    const plan = planOf(options.components ?? COMPONENT_NAMES, extent)
    let done = 0
    const running: Promise<SearchedPoint>[] = []
    for (const { component, bits, count } of plan) {
      signal?.throwIfAborted()
      const title = `${COMPONENTS[component].title} of ${bits} bits`
      const tell = (what: string) => options.onProgress?.({ what, done, total: plan.length })
      const weak = await recordTargets({ sessions, seed, component, bits, count })
      const onBatch = (guesses: number) => tell(`${title}: ${guesses} guesses`)
      const searched = searchPoint({ threads, component, bits, weak, onBatch }).then((point) => {
        done++
        tell(`${title}: found`)
        return point
      })
      // Awaited below, with all the others.
      searched.catch(() => {})
      running.push(searched)
    }
    const points = await Promise.all(running)
    return Object.entries(COMPONENTS).flatMap(([name, component]) => {
      const searched = points.filter((point) => point.component === name)
      return searched.length === 0 ? [] : [reportOf(component, searched)]
    })
  } finally {
    signal?.removeEventListener('abort', onAbort)
    await threads.close()
    await sessions.close()
  }
}

interface PlannedPoint {
  readonly component: ComponentName
  readonly bits: number
  readonly count: number
}

/** Most bits first: what takes longest is not left to one thread at the end. */
function planOf(components: readonly ComponentName[], extent: Extent): PlannedPoint[] {
  return components
    .flatMap((component) =>
      [...COMPONENTS[component].targets[extent]].map(([bits, count]) => ({ component, bits, count })),
    )
    .sort((a, b) => b.bits - a.bits)
}

interface WeakTargets {
  readonly known: Uint8Array
  readonly sessions: readonly WeakSession[]
}

/** Sessions whose secrets are the same but for n bits, which are uniform. */
async function recordTargets({
  sessions,
  seed,
  component,
  bits,
  count,
}: PlannedPoint & { readonly sessions: SessionRecorder; readonly seed: Uint8Array }): Promise<WeakTargets> {
  const random = seededRandom(seed, `search ${component} ${bits}`)
  const method = COMPONENTS[component]
  const known = withoutBits(method, random(32), bits)
  const recorded: WeakSession[] = []
  const guesses = new Set<number>()
  while (recorded.length < count) {
    const guess = Buffer.from(random(4)).readUInt32BE(0) % 2 ** bits
    // Two sessions with one key share could not be told apart.
    if (guesses.has(guess)) continue
    guesses.add(guess)
    recorded.push(await sessions.record(component, withGuess(method, known, bits, guess)))
  }
  return { known, sessions: recorded }
}

interface SearchedPoint extends SearchPoint {
  readonly component: ComponentName
  readonly searched: Searched
}

async function searchPoint({
  threads,
  component,
  bits,
  weak: { known, sessions },
  onBatch,
}: {
  readonly threads: SearchThreads
  readonly component: ComponentName
  readonly bits: number
  readonly weak: WeakTargets
  readonly onBatch: (guesses: number) => void
}): Promise<SearchedPoint> {
  const targets = sessions.map(({ tape }) => ({ tape, known }))
  const searched = await threads.search({ component, bits, targets }, onBatch)
  const trials = searched.hits.map((guess, i) => {
    const session = sessions[i] as WeakSession
    const isOpen = guess !== null && opens(session, withGuess(COMPONENTS[component], known, bits, guess))
    // More trials than there are values: the search has failed.
    return isOpen ? guess + 1 : 2 ** bits + 1
  })
  return { ...pointOf(bits, trials), component, searched }
}

/** Whether the tape opens with what was found, and stays closed to all that was handed over besides. */
function opens({ tape, leaksWith, request }: WeakSession, secret: Buffer): boolean {
  const reads = (leaks: Leaks) => openConnection(tape, leaks).applicationData.client.includes(request)
  return reads(leaksWith(secret)) && !reads(leaksWith(null))
}

function reportOf({ title, trial, realBits, note }: Component, searched: readonly SearchedPoint[]): SearchReport {
  const points = searched
    .map(({ bits, trials, meanTrials, expectedTrials }) => ({ bits, trials, meanTrials, expectedTrials }))
    .sort((a, b) => a.bits - b.bits)
  const microsecondsPerTrial = Math.min(...searched.map((point) => point.searched.microsecondsPerTrial))
  return {
    component: title,
    trial,
    points,
    microsecondsPerTrial,
    slope: slopeOf(points),
    realBits,
    log2RealYears: realBits - 1 + Math.log2(microsecondsPerTrial / MICROSECONDS_PER_YEAR),
    note,
  }
}

/** Julian years. */
const MICROSECONDS_PER_YEAR = 365.25 * 86_400 * 1e6
