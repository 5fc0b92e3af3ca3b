/** Puts the sound endpoints and then every control through every check. */
import { makeMaterials } from '../endpoints/index.js'
import type { ControlReport } from '../report.js'
import { seededRandom } from '../trace/seededRandom.js'
import { CHECKS, type CheckName } from './checks/index.js'
import type { Control } from './control.js'
import { type Evidence, gatherEvidence, type Subject, soundEndpoints } from './evidence.js'
import { SIGNATURES, type Specimen, WHOLE_SESSION } from './specimens.js'
import { CONTROLS } from './table.js'

export interface RunControlsOptions {
  /** At least 16 octets; the same seed gives the same runs. */
  readonly seed: Uint8Array
  /** Default: all. */
  readonly controls?: readonly Control[] | undefined
  readonly onProgress?: ((done: number, of: number) => void) | undefined
}

export interface Finding {
  readonly check: CheckName
  /** In a sentence that begins in lower case. */
  readonly sentence: string
}

/** One report for each control, in their order. Rejects when the endpoints of a run cannot talk to each other. */
export async function runControls(options: RunControlsOptions): Promise<ControlReport[]> {
  const { seed, controls = CONTROLS, onProgress } = options
  const materials = makeMaterials(seed, [SIGNATURES])
  const examine = async (subject: Subject, label: string): Promise<Finding[]> =>
    findings(await gatherEvidence(subject, { materials, seed: seededRandom(seed, label)(32) }))
  // What raises the alarm for sound endpoints too says nothing of broken ones.
  const falseAlarms = new Map<Specimen, CheckName[]>()
  const reports: ControlReport[] = []
  for (const control of controls) {
    const { specimen = WHOLE_SESSION } = control
    const alarms =
      falseAlarms.get(specimen) ??
      (await examine(soundEndpoints(specimen), 'sound endpoints')).map(({ check }) => check)
    falseAlarms.set(specimen, alarms)
    const found = await examine(control, control.name)
    const counted = found.filter(({ check }) => !alarms.includes(check))
    reports.push(reportOf(control, counted))
    onProgress?.(reports.length, controls.length)
  }
  return reports
}

/** What the checks found. */
export function findings(evidence: Evidence): Finding[] {
  return CHECKS.flatMap((check) => {
    const sentence = check.find(evidence)
    return sentence === null ? [] : [{ check: check.name, sentence }]
  })
}

/** Caught is what was seen by every check that has to see it: another one may have tripped over a consequence. */
function reportOf({ name, title, defect, seenBy }: Control, found: readonly Finding[]): ControlReport {
  const caughtBy = found.map(({ check }) => check)
  const caught = seenBy.every((check) => caughtBy.includes(check))
  const telling = found.find(({ check }) => check === seenBy[0]) ?? found[0]
  return { name, title, defect, caught, caughtBy, finding: telling?.sentence ?? 'nothing was found' }
}
