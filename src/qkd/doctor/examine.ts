/** Grades a key manager of anybody's against ETSI GS QKD 014 V1.1.1, from outside and without emptying it. */
import { TrefoilError } from '../../errors.js'
import { givenUp } from './asker.js'
import { type Check, fail, type Grade, Stop, skipped, type Verdict } from './check.js'
import { checks } from './checks/index.js'
import { Examination } from './examination.js'
import { checkOptions, type ExamineKeyManagerOptions, type Finding, type KeyManagerReport } from './options.js'

/**
 * Runs every check (docs/doctor.md) in order, those that can be tried. A key manager that is not there, or does not
 * behave, is a finding and no error; keys it gives out are compared, never shown, and wiped. It takes at most
 * `maxKeys` of them.
 * @throws TrefoilError ERR_INVALID_OPTION on unusable options; ERR_ABORTED when the signal fired
 */
export async function examineKeyManager(options: ExamineKeyManagerOptions): Promise<KeyManagerReport> {
  checkOptions(options)
  const examination = new Examination(options)
  const grades = new Map<string, Grade>()
  const findings: Finding[] = []
  try {
    for (const check of checks) {
      if (options.signal?.aborted) throw givenUp()
      const verdict = missingFor(check, grades) ?? (await run(check, examination))
      grades.set(check.id, verdict.grade)
      const finding = { id: check.id, clause: check.clause, ...verdict }
      findings.push(finding)
      options.onFinding?.(finding)
    }
  } finally {
    examination.close()
  }
  const count = (grade: Grade): number => findings.filter((finding) => finding.grade === grade).length
  return {
    findings,
    passed: count('pass'),
    warned: count('warn'),
    failed: count('fail'),
    skipped: count('skipped'),
    keysTaken: examination.keysTaken,
  }
}

function missingFor({ needs = [] }: Check, grades: ReadonlyMap<string, Grade>): Verdict | null {
  for (const id of needs) {
    const grade = grades.get(id)
    if (grade === 'fail') return skipped(`rests on ${id}, which failed`)
    if (grade === 'skipped') return skipped(`rests on ${id}, which was skipped`)
  }
  return null
}

async function run(check: Check, examination: Examination): Promise<Verdict> {
  try {
    return await check.run(examination)
  } catch (error) {
    if (error instanceof Stop) return error.verdict
    if (error instanceof TrefoilError && error.code === 'ERR_ABORTED') throw error
    if (error instanceof TrefoilError) return fail(error.message)
    // A defect of the check; the others are still worth having.
    return fail(`the check itself failed: ${error instanceof Error ? error.name : 'unknown'}`)
  }
}
