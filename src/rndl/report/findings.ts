/** What follows from a report, and is said by every form of it. */
import { LEAK_NAMES, type LeakName, type MinimalLeakSets, type ProtectedThingName } from '../model.js'
import type {
  Cell,
  ControlReport,
  Report,
  ScenarioReport,
  SearchReport,
  ThingReport,
  TimelineEntry,
} from '../report.js'
import { expectedSlope, isAsExpected, slopeTolerance } from '../search/statistics.js'
import { keyOf } from './formula.js'
import { plural } from './words.js'

/** Whether graph, claim and adversary agree everywhere and every control was caught: exit status 0. */
export function holds({ summary }: Report): boolean {
  const { cells, disagreements, controls } = summary
  return cells > 0 && disagreements === 0 && controls.caught === controls.total
}

/** The run in one line, without the word for {@link holds}. */
export function verdictLine({ summary }: Report): string {
  const { cells, disagreements, controls } = summary
  const agreement =
    disagreements === 0
      ? `${plural(cells, 'cell')}: graph, claim and adversary agree in every one`
      : `${plural(disagreements, 'disagreement')} in a run of ${plural(cells, 'cell')}`
  const caught = controls.total === 0 ? [] : [`${controls.caught} of ${plural(controls.total, 'control')} caught`]
  return [cells === 0 ? 'nothing was examined' : agreement, ...caught].join('; ')
}

export function disagrees({ predicted, claimed, achieved }: Cell): boolean {
  return predicted !== claimed || claimed !== achieved
}

/** A cell in which graph, claim and adversary do not all say the same. */
export interface Disagreement {
  readonly scenario: ScenarioReport
  readonly thing: ThingReport
  readonly leaks: readonly LeakName[]
  readonly cell: Cell
}

export function disagreementsOf(scenario: ScenarioReport): Disagreement[] {
  return scenario.things.flatMap((thing) =>
    thing.cells.flatMap((cell, bits) =>
      disagrees(cell) ? [{ scenario, thing, leaks: leaksOf(scenario, bits), cell }] : [],
    ),
  )
}

/** `claim closed, graph closed, adversary open`. */
export function describeCell({ claimed, predicted, achieved }: Cell): string {
  const state = (open: boolean) => (open ? 'open' : 'closed')
  return `claim ${state(claimed)}, graph ${state(predicted)}, adversary ${state(achieved)}`
}

export function leaksOf({ leaks }: ScenarioReport, bits: number): LeakName[] {
  return leaks.filter((_, index) => bits & (1 << index))
}

export function cellsOf(scenario: ScenarioReport): number {
  return scenario.things.reduce((sum, { cells }) => sum + cells.length, 0)
}

/** What the adversary opened with no leak at all, and with all of them: that he is real, and needs what he is given. */
export function extremes({ scenarios }: Report): { things: number; openWithNone: number; openWithAll: number } {
  const things = scenarios.flatMap((scenario) => scenario.things)
  return {
    things: things.length,
    openWithNone: things.filter(({ cells }) => cells[0]?.achieved).length,
    openWithAll: things.filter(({ cells }) => cells.at(-1)?.achieved).length,
  }
}

/** Leaks that were tried, and those among them that took part in opening anything. */
export function leaksTried({ scenarios }: Report): { tried: LeakName[]; inVain: LeakName[] } {
  const given = new Set(scenarios.flatMap(({ leaks }) => leaks))
  const useful = new Set(scenarios.flatMap(({ things }) => things.flatMap(({ achieved }) => achieved.flat())))
  const tried = LEAK_NAMES.filter((leak) => given.has(leak))
  return { tried, inVain: tried.filter((leak) => !useful.has(leak)) }
}

/** What opens something, under the letter by which the matrix refers to it. */
export interface Rule {
  readonly letter: string
  readonly sets: MinimalLeakSets
}

/** The distinct rules that the adversary's results follow. */
export interface Rules {
  /** In the order in which they appear, without those of capital letters. */
  readonly list: readonly Rule[]
  /** In capitals where the memory of an endpoint alone would do as well. */
  letterOf(sets: MinimalLeakSets): string
}

export function rulesOf({ scenarios }: Report): Rules {
  const rules = new Map<string, Rule>()
  for (const { achieved } of scenarios.flatMap(({ things }) => things)) {
    const { sets } = withoutMemory(achieved)
    const key = keyOf(sets)
    if (!rules.has(key)) rules.set(key, { letter: letter(rules.size), sets })
  }
  return {
    list: [...rules.values()],
    letterOf(achieved) {
      const { sets, memory } = withoutMemory(achieved)
      const small = rules.get(keyOf(sets))?.letter ?? '?'
      return memory ? small.toUpperCase() : small
    },
  }
}

/** Splits off `memory` as a set of its own, where there is anything else. */
function withoutMemory(all: MinimalLeakSets): { readonly sets: MinimalLeakSets; readonly memory: boolean } {
  const sets = all.filter((set) => set.length !== 1 || set[0] !== 'memory')
  return sets.length === 0 || sets.length === all.length ? { sets: all, memory: false } : { sets, memory: true }
}

/** a … z, aa, ab, … */
function letter(index: number): string {
  const last = String.fromCharCode(97 + (index % 26))
  return index < 26 ? last : letter(Math.floor(index / 26) - 1) + last
}

export function thingsNamed({ things }: ScenarioReport, name: ProtectedThingName): readonly ThingReport[] {
  return things.filter((thing) => thing.name === name)
}

export function missedControls({ controls }: Report): readonly ControlReport[] {
  return controls.filter(({ caught }) => !caught)
}

export function cameOutOtherwise({ sessions }: TimelineEntry): boolean {
  return sessions.some(({ expected, achieved }) => expected !== achieved)
}

/** Searches whose cost was not what theory says. */
export function unexpectedSearches({ searches }: Report): readonly SearchReport[] {
  return searches.filter((search) => !isAsExpected(search))
}

/** `0.993 (theory: 0.998 ± 0.061)`. */
export function slopeInWords({ slope, points }: SearchReport): string {
  const [expected, tolerance] = [expectedSlope(points), slopeTolerance(points)]
  return `${slope.toFixed(3)} (theory: ${expected.toFixed(3)} ± ${tolerance.toFixed(3)})`
}
