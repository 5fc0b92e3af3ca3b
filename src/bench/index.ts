/** What the command and the tests need of the bench. */
export { MODE_NAMES } from './handshakes/modes.js'
export type { Machine } from './machine.js'
export { renderHtml } from './report/html/page.js'
export { renderMachine, renderSection } from './report/terminal.js'
export { type BenchOptions, type BenchReport, runBench, SECTION_NAMES } from './runBench.js'
