/** The lines of `trefoil vectors --json`. */
import { differenceOf, type VectorFailure, type VectorReport, type VectorRun } from '../../vectors/index.js'

/** One for each file and provider, with `format` and `provider` null for a file that was not recognised. */
export function fileEvent({ path, format, provider, passed, failed, skipped, skips, milliseconds }: VectorRun) {
  return { event: 'file', path, format, provider, passed, failed, skipped, skips, milliseconds }
}

/** One for each failure, with values cut to where they differ. */
export function failureEvent({ path, format, provider }: VectorRun, failure: VectorFailure) {
  const difference = differenceOf(failure)
  const where = difference === null ? {} : { [difference.unit]: difference.at }
  const values = difference === null ? {} : { expected: difference.expected, actual: difference.actual }
  return { event: 'failure', path, format, provider, case: failure.case, message: failure.message, ...where, ...values }
}

/** The last line. */
export function summaryEvent({ files, passed, failed, skipped }: VectorReport) {
  return { event: 'summary', files, passed, failed, skipped }
}
