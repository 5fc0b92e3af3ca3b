/**
 * `trefoil/rndl`: record now, decrypt later. A harness that tapes real sessions, hands every subset of what could leak to
 * an adversary who shares no code with the endpoints, and holds what he decrypts against what the running code and the
 * documents say he can.
 *
 * - {@link runHarness}: all of it, as `trefoil rndl` does; {@link renderTerminal}, {@link renderJsonLines} and
 *   {@link renderHtml} print what it found
 * - {@link assessConfiguration}: the same for options of your own
 * - {@link attack}: the adversary by himself, for tapes of your own; {@link startTap} makes them, {@link writeTape} keeps them
 * - {@link SCENARIOS}, {@link CONTROLS}: what is tried; docs/record-now-decrypt-later.md says how to add to them
 */
export {
  attack,
  type Direction,
  type Leaks,
  NO_LEAKS,
  type Opened,
  openConnection,
  type TapedConnection,
  type TapedSegment,
} from './adversary/index.js'
export { type Assessment, type AssessOptions, assessConfiguration } from './assess/assessConfiguration.js'
export type { Component } from './assess/components.js'
export { CHECKS, CONTROLS, type Control, type RunControlsOptions, runControls } from './controls/index.js'
export { derivationGraph, minimalLeaks, nonceReuse, picture, unexplained } from './graph/index.js'
export {
  type Claim,
  LEAK_NAMES,
  type LeakedValues,
  type LeakName,
  type MinimalLeakSets,
  PROTECTED_THINGS,
  type ProtectedThing,
  type ProtectedThingName,
  type RecordedRun,
} from './model.js'
export { readTape, startTap, type Tap, type TapOptions, writePcapng, writeTape } from './recorder/index.js'
export { holds, progressReporter, renderHtml, renderJsonLines, renderTerminal } from './report/index.js'
export type {
  Cell,
  ControlReport,
  GraphPicture,
  Report,
  ReportSummary,
  ScenarioReport,
  SearchReport,
  ThingReport,
  TimelineEntry,
} from './report.js'
export { type HarnessOptions, type HarnessProgress, runHarness } from './runHarness.js'
export { SCENARIOS, type Scenario, scenario, sessionClaim } from './scenarios/index.js'
export { type SearchOptions, searchLastComponent } from './search/index.js'
export { runTimeline, type TimelineOptions } from './timeline/index.js'
export { instrument } from './trace/instrument.js'
export { seededRandom } from './trace/seededRandom.js'
export type { Trace, TraceStep } from './trace/trace.js'
