/** A report as one page that needs nothing else. */
import { renderPage } from '../../../pages/document.js'
import { html } from '../../../pages/markup.js'
import type { Report } from '../../report.js'
import { holds } from '../findings.js'
import { controlsSection } from './controls.js'
import { disagreementsSection } from './disagreements.js'
import { drawGraphs, graphSection } from './graph.js'
import { matrixSection } from './matrix.js'
import { limitsSection, runSection } from './method.js'
import { scenariosSection } from './scenarios.js'
import { SCRIPT } from './script.js'
import { searchSection } from './searches.js'
import { STYLE } from './style.js'
import { timelineSection } from './timeline.js'
import { meaningSection, verdictSection } from './verdict.js'

/** One HTML document, self-contained; every string of the report is shown as text. */
export function renderHtml(report: Report): string {
  const graphs = drawGraphs(report)
  return renderPage({
    title: `Record now, decrypt later: ${holds(report) ? 'holds' : 'fails'}`,
    style: STYLE,
    script: SCRIPT,
    main: html`${verdictSection(report)}
${disagreementsSection(report)}
${meaningSection(report)}
${matrixSection(report)}
${scenariosSection(report, graphs)}
${graphSection(graphs)}
${searchSection(report)}
${timelineSection(report)}
${controlsSection(report)}
${limitsSection(report)}
${runSection(report)}`,
  })
}
