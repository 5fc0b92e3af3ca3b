/** Puts the sound endpoints and then every control through every check. */
import { makeMaterials } from '../endpoints/index.js'
import type { ControlReport, FalseAlarm } from '../report.js'
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
  readonly signal?: AbortSignal | undefined
}

export interface Finding {
  readonly check: CheckName
  /** In a sentence that begins in lower case. */
  readonly sentence: string
}

export interface ControlsReport {
  /** One for each control, in their order. */
  readonly controls: readonly ControlReport[]
  readonly falseAlarms: readonly FalseAlarm[]
}

/** Rejects when the endpoints of a run cannot talk to each other, and with what `signal` was aborted with. */
export async function runControls(options: RunControlsOptions): Promise<ControlsReport> {
  const { seed, controls = CONTROLS, onProgress, signal } = options
  const materials = makeMaterials(seed, [SIGNATURES])
  const examine = async (subject: Subject, label: string): Promise<Finding[]> =>
    findings(await gatherEvidence(subject, { materials, seed: seededRandom(seed, label)(32) }))
  // What raises the alarm for sound endpoints too says nothing of broken ones.
  const alarms = new Map<Specimen, readonly Finding[]>()
  const reports: ControlReport[] = []
  for (const control of controls) {
    signal?.throwIfAborted()
    const { specimen = WHOLE_SESSION } = control
    const falseAlarms = alarms.get(specimen) ?? (await examine(soundEndpoints(specimen), 'sound endpoints'))
    alarms.set(specimen, falseAlarms)
    const found = await examine(control, control.name)
    const isTelling = ({ check }: Finding) => !falseAlarms.some((alarm) => alarm.check === check)
    reports.push(reportOf(control, found.filter(isTelling)))
    onProgress?.(reports.length, controls.length)
  }
  const falseAlarms = [...alarms.values()].flat().map(({ check, sentence }) => ({ check, finding: sentence }))
  return { controls: reports, falseAlarms }
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
