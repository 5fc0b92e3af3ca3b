/** What a run of the harness found: the contract between those who find and those who print. All of it is plain JSON. */
import type { LeakName, MinimalLeakSets, ProtectedThingName } from './model.js'

export interface Report {
  readonly version: 1
  readonly environment: ReportEnvironment
  /** `quick` runs fewer scenarios and a shorter search. */
  readonly extent: 'full' | 'quick' | 'configuration'
  readonly scenarios: readonly ScenarioReport[]
  readonly controls: readonly ControlReport[]
  /** What checks said of sound endpoints, in the scenarios and beside the controls: should be nothing. */
  readonly falseAlarms: readonly FalseAlarm[]
  readonly searches: readonly SearchReport[]
  readonly timeline: readonly TimelineEntry[]
  readonly summary: ReportSummary
}

export interface ReportEnvironment {
  readonly trefoil: string
  readonly node: string
  readonly provider: string
  readonly platform: string
  /** Hex; the same seed gives the same run. */
  readonly seed: string
  /** ISO 8601. */
  readonly startedAt: string
}

/** One mode, in one variant, against every subset of the leaks. */
export interface ScenarioReport {
  readonly name: string
  /** For people: `certificate + QKD, after KeyUpdate`. */
  readonly title: string
  /** One of the modes of the design: `certificate + QKD`, `psk`, … */
  readonly mode: string
  readonly cipherSuite: string
  readonly group: string
  /** Octets on the tape, all connections together. */
  readonly tapedOctets: number
  /** Leaks that are worth something here, in the order of LEAK_NAMES: bit i of a cell's `leaks` is `leaks[i]`. */
  readonly leaks: readonly LeakName[]
  readonly things: readonly ThingReport[]
  readonly graph: GraphPicture
}

export interface ThingReport {
  readonly name: ProtectedThingName
  readonly connection: string
  /** From the derivation graph of the running code. */
  readonly predicted: MinimalLeakSets
  /** From the documents. */
  readonly claimed: MinimalLeakSets
  /** From what the adversary decrypted. */
  readonly achieved: MinimalLeakSets
  /** One for each subset of the leaks, by its bits: whether graph, claim and adversary say open. 2^leaks entries. */
  readonly cells: readonly Cell[]
}

export interface Cell {
  readonly predicted: boolean
  readonly claimed: boolean
  readonly achieved: boolean
}

/** A derivation graph small enough to be drawn: secrets with names, and what follows from what. */
export interface GraphPicture {
  readonly nodes: readonly GraphNode[]
  /** By node ids; several inputs of one `step` are all needed, several steps to one output are alternatives. */
  readonly derivations: readonly { readonly output: string; readonly inputs: readonly string[]; readonly by: string }[]
}

export interface GraphNode {
  readonly id: string
  /** `Handshake Secret`, `X25519 secret`, `c ap traffic`, `response`. */
  readonly label: string
  readonly kind: 'leak' | 'secret' | 'key' | 'thing' | 'public'
  /** Distance from the leaves. */
  readonly depth: number
  /** For kind `leak`. */
  readonly leak?: LeakName
}

/** An endpoint that was broken on purpose. */
export interface ControlReport {
  readonly name: string
  readonly title: string
  /** What is wrong with it, in a sentence. */
  readonly defect: string
  readonly caught: boolean
  /** Checks that saw it, by name: `graph`, `adversary`, `nonce reuse`, … */
  readonly caughtBy: readonly string[]
  /** What the first of them found, in a sentence. */
  readonly finding: string
}

export interface FalseAlarm {
  /** The check that raised it. */
  readonly check: string
  readonly finding: string
}

/** What it costs to search for the one component that is left, when it has few bits of entropy. */
export interface SearchReport {
  /** `QKD key`, `X25519 scalar`, `ML-KEM seed`. */
  readonly component: string
  /** What one trial consists of, in a sentence. */
  readonly trial: string
  readonly points: readonly SearchPoint[]
  readonly microsecondsPerTrial: number
  /** Of log2(mean trials) over bits, by least squares; 1 when work doubles with every bit. */
  readonly slope: number
  /** Entropy of the real component, and what the search would cost at the measured speed. */
  readonly realBits: number
  readonly log2RealYears: number
  /** What the extrapolation does not say, in a sentence: whether there are better ways than guessing. */
  readonly note?: string
}

export interface SearchPoint {
  readonly bits: number
  /** Trials until success, one for each target. */
  readonly trials: readonly number[]
  readonly meanTrials: number
  /** 2^(bits-1) + 1/2. */
  readonly expectedTrials: number
}

export interface TimelineEntry {
  readonly name: string
  /** When the adversary gets what he gets. */
  readonly when: 'before' | 'during' | 'after'
  /** `an ML-DSA key is stolen after the session ended` */
  readonly attack: string
  readonly mode: string
  /** What he got, in a sentence. */
  readonly outcome: string
  /** Sessions before, at and after the time of the attack: what theory says is open, and what was. */
  readonly sessions: readonly {
    readonly at: 'earlier' | 'attacked' | 'later'
    readonly expected: 'open' | 'closed' | 'refused'
    readonly achieved: 'open' | 'closed' | 'refused'
    /** How the client refused the adversary, by error code: one for each guise that he tried. */
    readonly refusals?: readonly string[]
  }[]
}

export interface ReportSummary {
  readonly cells: number
  /**
   * Cells in which graph, claim and adversary do not all say the same; false alarms; timeline rows and searches that came
   * out otherwise than they should.
   */
  readonly disagreements: number
  readonly controls: { readonly total: number; readonly caught: number }
  readonly milliseconds: number
}
