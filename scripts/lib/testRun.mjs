// Running the tests on some Node and counting what they did.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { peerAlias, peerBinary } from '../../test/peers/binaries.mjs'
import { root, statusOf } from './run.mjs'

/** The variable that makes vitest.config.ts write a report beside what it prints. */
export const REPORT_VARIABLE = 'TREFOIL_TEST_REPORT'

/** Runs vitest with the given Node; also `node`, for tests that start processes by that name, is this one. */
export function runTests(binary, args = []) {
  const folder = mkdtempSync(join(tmpdir(), 'trefoil-report-'))
  const report = join(folder, 'report.json')
  try {
    const env = {
      ...process.env,
      PATH: `${dirname(binary)}${delimiter}${process.env.PATH}`,
      [REPORT_VARIABLE]: report,
    }
    const status = statusOf(binary, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...args], { env })
    return countTests(report, status)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * What a run of vitest came to. A run that failed without a failed test (a file that does not load, an error outside
 * of any test, no report) counts as one failure: nothing red is lost in a sum.
 */
export function countTests(report, status) {
  const results = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : null
  const passed = results?.numPassedTests ?? 0
  const skipped = (results?.numPendingTests ?? 0) + (results?.numTodoTests ?? 0)
  const failed = results?.numFailedTests ?? 0
  const red = status !== 0 || passed === 0
  return { passed, failed: red ? Math.max(failed, 1) : failed, skipped }
}

/** Runs the tests on the Node 24 or 26 of test/peers; its absence is a failure. */
export function runTestsOnPeer(major, args = []) {
  const binary = peerBinary(major)
  if (binary !== null) return runTests(binary, args)
  console.error(`no Node ${major} in test/peers (${peerAlias(major)}): node scripts/install-peers.mjs`)
  return { passed: 0, failed: 1, skipped: 0 }
}
