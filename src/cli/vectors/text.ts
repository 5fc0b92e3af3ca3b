/** What `trefoil vectors` prints for people. */
import { differenceOf, type VectorFailure, type VectorReport, type VectorRun } from '../../vectors/index.js'

/** Of one file and provider; the rest is counted. */
const FAILURES_SHOWN = 5

/** The line above the runs of a file. */
export function describeFile({ path, format }: VectorRun): string {
  return format === null ? path : `${path} (${format})`
}

export function describeRun({ provider, passed, failed, skipped, skips, failures }: VectorRun): string {
  const counts = `${passed} passed, ${failed} failed, ${skipped} skipped`
  const [only] = skips
  const alone = skips.length === 1 && only !== undefined ? `: ${only.reason}` : ''
  const lines = [`  ${provider === null ? '' : `${provider.padEnd(6)}`}${counts}${alone}`]
  if (skips.length > 1) for (const { count, reason } of skips) lines.push(`    skipped ${count}: ${reason}`)
  for (const failure of failures.slice(0, FAILURES_SHOWN)) lines.push(...describeFailure(failure))
  if (failures.length > FAILURES_SHOWN) lines.push(`    ✗ and ${failures.length - FAILURES_SHOWN} more`)
  return lines.join('\n')
}

function describeFailure(failure: VectorFailure): string[] {
  const { case: id, message } = failure
  const lines = [`    ✗ ${id === null ? '' : `${id}: `}${message}`]
  const difference = differenceOf(failure)
  if (difference === null) return lines
  const { at, unit, expected, actual } = difference
  return [...lines, `      first at ${unit} ${at}`, `      expected ${expected}`, `      actual   ${actual}`]
}

export function describeSummary(
  { files, passed, failed, skipped }: VectorReport,
  providers: readonly string[],
): string {
  const of = `${files} file${files === 1 ? '' : 's'}, ${providers.join(' and ')}`
  return `${of}: ${passed} passed, ${failed} failed, ${skipped} skipped`
}
