// Everything that must hold before a change lands, in the order of how soon it tells. All checks run, whatever fails.
// Usage: verify.mjs [--nodes] [--tested REPORT --status N]
//   --tested  the tests of this Node have been run already: their report, and with what exit status they ended
//   --nodes   runs the tests on the Node versions of test/peers as well
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { peerMajors } from '../test/peers/binaries.mjs'
import { root, statusOf } from './lib/run.mjs'
import { countTests, runTests, runTestsOnPeer } from './lib/testRun.mjs'

const { values } = parseArgs({
  options: { tested: { type: 'string' }, status: { type: 'string', default: '1' }, nodes: { type: 'boolean' } },
})

const node = (script) => () => countCheck(statusOf(process.execPath, [join(root, script)]))
const tool = (bin, args) => () => countCheck(statusOf(process.execPath, [join(root, 'node_modules', bin), ...args]))

const steps = [
  ['build', node('scripts/build.mjs')],
  ['types', tool('typescript/bin/tsc', ['-p', 'tsconfig.json'])],
  ['lint', tool('@biomejs/biome/bin/biome', ['check', '--error-on-warnings', '.'])],
  ['layers', node('scripts/check-layers.mjs')],
  ['docs', node('scripts/check-docs.mjs')],
  ['package', node('scripts/check-package.mjs')],
  ['peers', node('scripts/install-peers.mjs')],
  [`tests on Node ${process.versions.node}`, testsHere],
  ...(values.nodes ? peerMajors.map((major) => [`tests on Node ${major}`, () => testsOnPeer(major)]) : []),
]

const results = steps.map(([name, run]) => {
  console.log(`\n── ${name}`)
  const started = performance.now()
  const counts = run()
  return { name, ...counts, seconds: (performance.now() - started) / 1000 }
})

console.log('')
for (const { name, passed, failed, skipped, seconds } of results) {
  const outcome = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
  console.log(`${failed > 0 ? '✗' : '✓'} ${name}: ${outcome} (${seconds.toFixed(1)} s)`)
}
const sum = (what) => results.reduce((total, result) => total + result[what], 0)
console.log(`${sum('passed')} passed, ${sum('failed')} failed`)
process.exitCode = sum('failed') > 0 ? 1 : 0

function testsHere() {
  if (values.tested === undefined) return runTests(process.execPath)
  return countTests(values.tested, Number(values.status))
}

/**
 * Tests that start processes by the dozen run on the oldest and on the newest Node, and are left out on those between:
 * they take a third of the time, and what they run is held to the same tests there without processes.
 */
function testsOnPeer(major) {
  const newest = major === Math.max(...peerMajors)
  return runTestsOnPeer(major, newest ? [] : ['--exclude', 'test/cli/**', '--exclude', 'test/processes/**'])
}

/** A check that is not a test runner counts as one. */
function countCheck(status) {
  return status === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 }
}
