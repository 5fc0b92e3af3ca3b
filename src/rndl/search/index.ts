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
  /** Threads; default 2, or as many as there are processors. */
  readonly threads?: number
  readonly onProgress?: (progress: SearchProgress) => void
  readonly signal?: AbortSignal
}

export interface SearchProgress {
  /** `QKD key, 14 bits`: a search that has just ended. */
  readonly what: string
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
    const plan = planOf(extent)
    let done = 0
    const running = plan.map(() => Promise.resolve<SearchedPoint | null>(null))
    for (const [i, { component, bits, count }] of plan.entries()) {
      signal?.throwIfAborted()
      const weak = await recordTargets({ sessions, seed, component, bits, count })
      const searched = searchPoint(threads, component, bits, weak).then((point) => {
        options.onProgress?.({ what: `${COMPONENTS[component].title}, ${bits} bits`, done: ++done, total: plan.length })
        return point
      })
      // Awaited below, with all the others.
      searched.catch(() => {})
      running[i] = searched
    }
    const points = await Promise.all(running)
    return COMPONENT_NAMES.map((component) =>
      reportOf(
        COMPONENTS[component],
        points.filter((point): point is SearchedPoint => point?.component === component),
      ),
    )
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
function planOf(extent: Extent): PlannedPoint[] {
  return COMPONENT_NAMES.flatMap((component) =>
    [...COMPONENTS[component].targets[extent]].map(([bits, count]) => ({ component, bits, count })),
  ).sort((a, b) => b.bits - a.bits)
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

async function searchPoint(
  threads: SearchThreads,
  component: ComponentName,
  bits: number,
  { known, sessions }: WeakTargets,
): Promise<SearchedPoint> {
  const targets = sessions.map(({ tape }) => ({ tape, known }))
  const searched = await threads.search({ component, bits, targets })
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

function reportOf({ title, trial, realBits }: Component, searched: readonly SearchedPoint[]): SearchReport {
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
  }
}

/** Julian years. */
const MICROSECONDS_PER_YEAR = 365.25 * 86_400 * 1e6
