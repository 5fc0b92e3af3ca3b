// Everything that must hold before a change lands, in the order of how soon it tells. All checks run, whatever fails.
// Usage: verify.mjs [--nodes] [--tested REPORT --status N]
//   --tested  the tests of this Node have been run already: their report, and with what exit status they ended
//   --nodes   runs the tests on the Node versions of test/peers as well, but for those that LEFT_OUT names
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { peerMajors } from '../test/peers/binaries.mjs'
import { root, statusOf } from './lib/run.mjs'
import { countTests, runTests, runTestsOnPeer } from './lib/testRun.mjs'

const { values } = parseArgs({
  options: { tested: { type: 'string' }, status: { type: 'string', default: '1' }, nodes: { type: 'boolean' } },
})

/** What is asked of the files in vectors/ themselves, and not of who computes them. */
const PUBLISHED = 'test/vectors/own/{adversary,bitFlips,coverage,product,schema,withoutOurs}.test.ts'
/** Of the files of others: how they are read, and what their runner does with spoilt ones. */
const KNOWN_ANSWERS = 'test/vectors/{acvpLayout,corrupted,corruptedRecordings,run}.test.ts'

/**
 * What is left out beyond this Node. All tests run on the oldest Node that we support. On the newest run all that could differ
 * there: not those of our own scripts, and of what starts processes by the dozen only the commands that carry connections.
 * A Node between them runs what rests on its own cryptography, TLS and sockets. The rest is code without a question to
 * the Node (certificates and chains, whose signatures are those of test/vectors; the simulated link, budgets, key files;
 * recordings; the model of networks, reports): it would run the same once more.
 */
const LEFT_OUT = {
  newest: [
    ...['test/repository/{docs,layers,package}.test.ts', 'test/processes/**'],
    ...['test/cli/{bench,bootstrap,demo,doctor,keyFile,kme,rndl,trust}.test.ts'],
    ...['test/modes/processes.test.ts', 'test/pki/**', 'test/bench/network.test.ts', 'test/pages/**'],
    ...['test/rndl/{graph,report,search,timeline}/**', 'test/qkd/{bb84,doctor,keyFile}/**', PUBLISHED, KNOWN_ANSWERS],
  ],
  between: [
    ...['test/cli/**', 'test/processes/**', 'test/repository/**', 'test/attacks/**', 'test/bench/**', 'test/pages/**'],
    ...[
      'test/modes/processes.test.ts',
      'test/pki/**',
      'test/rndl/**',
      'test/qkd/{bb84,budget,doctor,keyFile}/**',
      PUBLISHED,
      KNOWN_ANSWERS,
    ],
  ],
}

const node =
  (script, args = []) =>
  () =>
    countCheck(statusOf(process.execPath, [join(root, script), ...args]))
const tool = (bin, args) => () => countCheck(statusOf(process.execPath, [join(root, 'node_modules', bin), ...args]))

const steps = [
  // Whoever ran the tests has built before, as `npm test` does.
  ...(values.tested === undefined ? [['build', node('scripts/build.mjs')]] : []),
  ['types', tool('typescript/bin/tsc', ['-p', 'tsconfig.json'])],
  ['lint', tool('@biomejs/biome/bin/biome', ['check', '--error-on-warnings', '.'])],
  ['layers', node('scripts/check-layers.mjs')],
  ['docs', node('scripts/check-docs.mjs')],
  ['vectors', node('scripts/make-vectors.mjs', ['--check'])],
  ['package', node('scripts/check-package.mjs')],
  ['record now, decrypt later', tool('../dist/cli/main.js', ['rndl'])],
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

function testsOnPeer(major) {
  const leftOut = major === Math.max(...peerMajors) ? LEFT_OUT.newest : LEFT_OUT.between
  return runTestsOnPeer(
    major,
    leftOut.flatMap((pattern) => ['--exclude', pattern]),
  )
}

/** A check that is not a test runner counts as one. */
function countCheck(status) {
  return status === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 }
}
