/**
 * A vitest reporter that closes a run with the tests that were skipped and why. The reason is the note given to
 * `context.skip(note)`, or stands in the title of the test or of its suite.
 */
import type { Reporter, TestCase, TestModule } from 'vitest/node'

export class SkipReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = new Map<string, number>()
    for (const module of modules) {
      for (const test of module.children.allTests('skipped')) {
        const line = describeSkip(module, test)
        counts.set(line, (counts.get(line) ?? 0) + 1)
      }
    }
    if (counts.size === 0) return
    console.log('\nSkipped:')
    for (const [line, count] of counts) console.log(`  ${line}${count > 1 ? ` (${count} tests)` : ''}`)
  }
}

/** Tests of one suite that share a reason become one line. */
function describeSkip(module: TestModule, test: TestCase): string {
  const result = test.result()
  const note = result.state === 'skipped' ? result.note : undefined
  const suite = test.parent.type === 'suite' ? test.parent : null
  const place = suite?.options.mode === 'skip' ? suite.fullName : test.fullName
  return `${module.relativeModuleId} > ${place}${note ? `: ${note}` : ''}`
}
