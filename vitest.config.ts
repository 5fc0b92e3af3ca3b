import { defineConfig } from 'vitest/config'
import { SkipReporter } from './test/support/skipReporter.js'

/** When set, counts for machines are written to this file as well (see scripts/lib/testReport.mjs). */
const report = process.env['TREFOIL_TEST_REPORT']

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    pool: 'forks',
    maxWorkers: 2,
    // A worker keeps its modules from file to file: to load the libraries anew for each took half of the time.
    isolate: false,
    setupFiles: ['test/support/setUp.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // What is waited for may be another process starting on a busy machine.
    expect: { poll: { timeout: 20_000 } },
    reporters: [
      'default',
      new SkipReporter(),
      ...(report ? [['json', { outputFile: report }] as ['json', object]] : []),
    ],
  },
})
