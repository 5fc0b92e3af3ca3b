/** A report in the forms in which it is read. */
export { holds } from './findings.js'
export { renderHtml } from './html/page.js'
export { renderJsonLines } from './jsonLines.js'
export { type Progress, type ProgressReporter, type ProgressStream, progressReporter } from './progress.js'
export { renderTerminal, type TerminalOptions } from './terminal.js'
