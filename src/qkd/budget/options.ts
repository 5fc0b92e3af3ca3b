/** What a key budget can be told, its defaults, and the check of both. */
import { TrefoilError } from '../../errors.js'
import { isIdentifier, requireSaeId } from '../identifiers.js'
import type { KeySource } from '../keySource.js'

export interface KeyBudgetOptions {
  /**
   * One to 16 sources, asked in this order; where any has a weight, fresh keys are drawn in a random order by weight.
   * They stay the caller's: closing the budget does not close them.
   */
  readonly sources: readonly (KeySource | BudgetedSource)[]
  /**
   * Enters the importer context, so both ends configure the same. Default: the name that the sources share, so an end
   * with a budget and an end without one understand each other. Sources of different names need one given here.
   */
  readonly name?: string
  /** A pool below this many keys is refilled; default half the high-water mark, rounded up. */
  readonly lowWaterMark?: number
  /** Keys held ready for a peer, at most; default 8. With 0 nothing is prefetched. */
  readonly highWaterMark?: number
  /**
   * How old a key may be when it is given out, from the start of the call that fetched it; default 120000. Stay well
   * below the time for which the key managers keep a key for the other end.
   */
  readonly maxAgeMilliseconds?: number
  /** Fresh keys given out for a peer; default: as many as there are. */
  readonly quota?: KeyQuota
  /** What differs for single peers, by SAE ID. */
  readonly peers?: Readonly<Record<string, PeerOptions>>
  /** Calls under way at a time to fetch fresh keys for one peer; default 4. */
  readonly concurrency?: number
  /** Fresh keys asked for in one call, from sources that can give several; default 8. */
  readonly keysPerCall?: number
  /** For a whole call of the caller's, whatever the sources do; default 8000. */
  readonly timeoutMilliseconds?: number
  /** For one call to one source, after which the next is asked; below that of the whole, default 3000 or its half. */
  readonly attemptMilliseconds?: number
  /** When a failing source is left alone, and for how long. */
  readonly breaker?: BreakerOptions
  /** Pause after a refusal that asking again at once will not mend (no key left); default 500 to 10000, doubling. */
  readonly retry?: PauseOptions
  /** Refuses keys whose source cannot say that they came by a post-quantum link, or in memory; default false. */
  readonly requirePostQuantumDelivery?: boolean
  /** How many keys given out are remembered, to refuse their second coming; default 50000, about 150 bytes each. */
  readonly rememberedKeys?: number
  /** Milliseconds on a clock that never goes back; default `performance.now`. */
  readonly now?: () => number
  /** From 0 up to 1, for jitter and weights; nothing secret comes of it. Default `Math.random`. */
  readonly random?: () => number
}

/** A source with the name it has in errors, events and statistics, and its share of the calls. */
export interface BudgetedSource {
  readonly source: KeySource
  /** Default `source 1`, `source 2`, in their order. */
  readonly label?: string
  /** Above 0, in proportion to the others; default 1. */
  readonly weight?: number
}

export interface PeerOptions {
  readonly lowWaterMark?: number
  readonly highWaterMark?: number
  readonly maxAgeMilliseconds?: number
  readonly quota?: KeyQuota
}

/** A token bucket: it holds `burst` keys at most, and gains `keys` in each interval. */
export interface KeyQuota {
  readonly keys: number
  readonly intervalMilliseconds: number
  /** Default `keys`. */
  readonly burst?: number
}

/** Doubling from `initial` up to `max`, each less up to half of it by chance. */
export interface PauseOptions {
  readonly initialMilliseconds?: number
  readonly maxMilliseconds?: number
}

export interface BreakerOptions extends PauseOptions {
  /** Failures in a row that open the circuit; default 3. The pause is 2000 to 60000 by default. */
  readonly failures?: number
}

export interface Pauses {
  readonly initial: number
  readonly max: number
}

export interface PeerSettings {
  readonly lowWaterMark: number
  readonly highWaterMark: number
  readonly maxAge: number
  readonly quota: Required<KeyQuota> | null
}

export interface Settings {
  readonly sources: readonly { readonly source: KeySource; readonly label: string; readonly weight: number }[]
  readonly weighted: boolean
  readonly name: string
  readonly forPeer: (peerSaeId: string) => PeerSettings
  readonly concurrency: number
  readonly keysPerCall: number
  readonly timeout: number
  readonly attempt: number
  readonly failuresToOpen: number
  readonly rest: Pauses
  readonly retry: Pauses
  readonly requirePostQuantumDelivery: boolean
  readonly rememberedKeys: number
  readonly now: () => number
  readonly random: () => number
}

const MAX_SOURCES = 16
const MAX_POOL = 10_000
/** What a timer can count to. */
const MAX_MILLISECONDS = 2 ** 31 - 1

/** @throws TrefoilError ERR_INVALID_OPTION */
export function readSettings(options: KeyBudgetOptions): Settings {
  const sources = readSources(options.sources)
  const peers = new Map(
    Object.entries(options.peers ?? {}).map(([saeId, own]) => [requireSaeId(saeId), readPeer(options, own)]),
  )
  const everyPeer = readPeer(options, {})
  const timeout = milliseconds('timeoutMilliseconds', options.timeoutMilliseconds ?? 8000)
  const attempt = options.attemptMilliseconds ?? Math.min(3000, Math.ceil(timeout / 2))
  // A source that is cut off by the end of the whole call would never be found to be at fault.
  if (attempt >= timeout) throw invalid('attemptMilliseconds is not below timeoutMilliseconds')
  return {
    sources,
    weighted: options.sources.some((entry) => 'source' in entry && entry.weight !== undefined),
    name: readName(options.name, sources),
    forPeer: (peerSaeId) => peers.get(peerSaeId) ?? everyPeer,
    concurrency: integer('concurrency', options.concurrency ?? 4, 1, 256),
    keysPerCall: integer('keysPerCall', options.keysPerCall ?? 8, 1, MAX_POOL),
    timeout,
    attempt: milliseconds('attemptMilliseconds', attempt),
    failuresToOpen: integer('breaker.failures', options.breaker?.failures ?? 3, 1, 1000),
    rest: readPauses('breaker', options.breaker, 2000, 60_000),
    retry: readPauses('retry', options.retry, 500, 10_000),
    requirePostQuantumDelivery: options.requirePostQuantumDelivery ?? false,
    rememberedKeys: integer('rememberedKeys', options.rememberedKeys ?? 50_000, 1, 10_000_000),
    now: options.now ?? (() => performance.now()),
    random: options.random ?? Math.random,
  }
}

function readSources(given: KeyBudgetOptions['sources']): Settings['sources'] {
  if (!Array.isArray(given) || given.length < 1 || given.length > MAX_SOURCES) {
    throw invalid(`a key budget has from 1 to ${MAX_SOURCES} sources`)
  }
  const sources = given.map((entry: KeySource | BudgetedSource, index) => {
    const { source, label, weight } = 'source' in entry ? entry : { source: entry }
    return { source, label: label ?? `source ${index + 1}`, weight: weight ?? 1 }
  })
  if (sources.some(({ label }) => !isIdentifier(label))) throw invalid('the label of a key source is unusable')
  if (new Set(sources.map(({ label }) => label)).size !== sources.length) throw invalid('two sources have one label')
  if (new Set(sources.map(({ source }) => source)).size !== sources.length) throw invalid('a source is given twice')
  if (sources.some(({ weight }) => !(weight > 0 && weight < 1e6))) {
    throw invalid('the weight of a key source is not above 0 and below a million')
  }
  return sources
}

function readName(given: string | undefined, sources: Settings['sources']): string {
  const names = new Set(sources.map(({ source }) => source.name))
  const [shared] = names
  if (given !== undefined && given !== '') return given
  if (given === undefined && names.size === 1 && shared !== undefined) return shared
  throw invalid('the sources of a key budget have different names: say by which name both ends know the budget')
}

function readPeer(common: PeerOptions, own: PeerOptions): PeerSettings {
  const highWaterMark = integer('highWaterMark', own.highWaterMark ?? common.highWaterMark ?? 8, 0, MAX_POOL)
  // The common low-water mark belongs to the common high-water mark.
  const commonLow = own.highWaterMark === undefined ? common.lowWaterMark : undefined
  const lowWaterMark = own.lowWaterMark ?? commonLow ?? Math.ceil(highWaterMark / 2)
  const quota = own.quota ?? common.quota
  return {
    highWaterMark,
    lowWaterMark: integer('lowWaterMark', lowWaterMark, Math.min(1, highWaterMark), highWaterMark),
    maxAge: milliseconds('maxAgeMilliseconds', own.maxAgeMilliseconds ?? common.maxAgeMilliseconds ?? 120_000),
    quota: quota === undefined ? null : readQuota(quota),
  }
}

function readQuota({ keys, intervalMilliseconds, burst = keys }: KeyQuota): Required<KeyQuota> {
  return {
    keys: integer('quota.keys', keys, 1, 1_000_000),
    intervalMilliseconds: milliseconds('quota.intervalMilliseconds', intervalMilliseconds),
    burst: integer('quota.burst', burst, 1, 1_000_000),
  }
}

function readPauses(option: string, given: PauseOptions | undefined, initial: number, max: number): Pauses {
  const first = milliseconds(`${option}.initialMilliseconds`, given?.initialMilliseconds ?? initial)
  const last = milliseconds(`${option}.maxMilliseconds`, given?.maxMilliseconds ?? Math.max(first, max))
  if (last < first) throw invalid(`${option}.maxMilliseconds is below ${option}.initialMilliseconds`)
  return { initial: first, max: last }
}

function milliseconds(option: string, value: number): number {
  return integer(option, value, 1, MAX_MILLISECONDS)
}

function integer(option: string, value: number, min: number, max: number): number {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value
  throw invalid(`${option} is not an integer from ${min} to ${max}`)
}

function invalid(message: string): TrefoilError {
  return new TrefoilError('ERR_INVALID_OPTION', message)
}
