/** The whole bench: one part after the other, with the machine that it ran on. */
import { TrefoilError } from '../errors.js'
import { busyWarning, describeMachine, type Machine } from './machine.js'
import { MEASUREMENTS } from './measurements.js'
import type { MeasureOptions, Section } from './report/sections.js'
import { type Summary, summaryOf } from './summary.js'

export interface BenchOptions extends MeasureOptions {
  /** Names of the parts wanted; all unless given. */
  readonly only?: readonly string[] | undefined
  /** As soon as a part is done. */
  onSection?(section: Section): void
  onStart?(machine: Machine, warning: string | null): void
}

export interface BenchReport {
  readonly machine: Machine
  /** Why the figures may be worth less than they look. */
  readonly warning: string | null
  readonly quick: boolean
  readonly sections: readonly Section[]
  readonly summary: Summary
  readonly seconds: number
}

export const SECTION_NAMES: readonly string[] = MEASUREMENTS.map(({ name }) => name)

/** @throws TrefoilError ERR_INVALID_OPTION for a part that there is not; the signal's reason */
export async function runBench({ only, onSection, onStart, ...options }: BenchOptions): Promise<BenchReport> {
  const unknown = only?.find((name) => !SECTION_NAMES.includes(name))
  if (unknown !== undefined) {
    throw new TrefoilError('ERR_INVALID_OPTION', `${unknown} is no part of the bench: ${SECTION_NAMES.join(', ')}`)
  }
  const begin = performance.now()
  const machine = describeMachine()
  const warning = busyWarning(machine)
  onStart?.(machine, warning)
  const sections: Section[] = []
  for (const { name, measure } of MEASUREMENTS) {
    if (only !== undefined && !only.includes(name)) continue
    options.signal?.throwIfAborted()
    const section = await measure(options, sections)
    sections.push(section)
    onSection?.(section)
  }
  const seconds = Math.round((performance.now() - begin) / 100) / 10
  return { machine, warning, quick: options.quick, sections, summary: summaryOf(sections), seconds }
}
