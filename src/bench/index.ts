/** What the command and the tests need of the bench. */
export type { Machine } from './machine.js'
export { renderMachine, renderSection } from './report/terminal.js'
export { type BenchOptions, type BenchReport, runBench, SECTION_NAMES } from './runBench.js'
