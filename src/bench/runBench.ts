/** The whole bench: one part after the other, with the machine that it ran on. */
import { TrefoilError } from '../errors.js'
import { MODE_NAMES, type ModeOptions } from './handshakes/modes.js'
import { busyWarning, describeMachine, type Machine } from './machine.js'
import { MEASUREMENTS } from './measurements.js'
import type { Section } from './report/sections.js'
import { type Summary, summaryOf } from './summary.js'

export interface BenchOptions extends ModeOptions {
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

/** @throws TrefoilError ERR_INVALID_OPTION for a part or a mode that there is not; the signal's reason */
export async function runBench({ only, onSection, onStart, ...options }: BenchOptions): Promise<BenchReport> {
  requireNames('part of the bench', only, SECTION_NAMES)
  requireNames('mode', options.modes, MODE_NAMES)
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

function requireNames(what: string, names: readonly string[] | undefined, known: readonly string[]): void {
  const unknown = names?.find((name) => !known.includes(name))
  if (unknown === undefined) return
  throw new TrefoilError('ERR_INVALID_OPTION', `${unknown} is no ${what}: ${known.join(', ')}`)
}
