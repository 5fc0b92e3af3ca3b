// Runs the tests on the Node versions of test/peers.
// Usage: test-on-nodes.mjs [24] [26] [-- VITEST-ARGUMENT...]
import { peerMajors } from '../test/peers/binaries.mjs'
import { runTestsOnPeer } from './lib/testRun.mjs'

const separator = process.argv.indexOf('--')
const named = process.argv.slice(2, separator < 0 ? undefined : separator).map(Number)
const vitestArguments = separator < 0 ? [] : process.argv.slice(separator + 1)

const runs = (named.length > 0 ? named : peerMajors).map((major) => {
  console.log(`\nNode ${major}`)
  return { major, ...runTestsOnPeer(major, vitestArguments) }
})

console.log('')
for (const { major, passed, failed, skipped } of runs) {
  console.log(`Node ${major}: ${passed} passed, ${failed} failed, ${skipped} skipped`)
}
process.exitCode = runs.some(({ failed }) => failed > 0) ? 1 : 0
