/**
 * A report as one page that needs nothing else: no network, no font, no script to be read. Its policy lets in the one
 * style and the one script that are named by their hashes, so that even markup that got in by mistake could run nothing.
 */
import { createHash } from 'node:crypto'
import { html, trusted } from '../../../pages/markup.js'
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
  const policy =
    `default-src 'none'; style-src '${hashOf(STYLE)}'; script-src '${hashOf(SCRIPT)}'; ` +
    "base-uri 'none'; form-action 'none'"
  const graphs = drawGraphs(report)
  const outcome = holds(report) ? 'holds' : 'fails'
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Record now, decrypt later: ${outcome}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<main>
${verdictSection(report)}
${disagreementsSection(report)}
${meaningSection(report)}
${matrixSection(report)}
${scenariosSection(report, graphs)}
${graphSection(graphs)}
${searchSection(report)}
${timelineSection(report)}
${controlsSection(report)}
${limitsSection(report)}
${runSection(report)}
</main>
<script>${trusted(SCRIPT)}</script>
</body>
</html>
`.markup
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}
