/** A report of the bench as one page with its plots and tables. */
import { renderPage } from '../../../pages/document.js'
import { html, type Markup, NOTHING, trusted } from '../../../pages/markup.js'
import type { BenchReport } from '../../runBench.js'
import { shown } from '../figures.js'
import type { Section, Table } from '../sections.js'
import { drawPlot } from './plot.js'
import { STYLE } from './style.js'

/** One HTML document, self-contained and without scripts. */
export function renderHtml(report: BenchReport): string {
  return renderPage({
    title: `Cost of a handshake, Node ${report.machine.node}`,
    style: STYLE,
    main: html`${head(report)}${report.sections.map(section)}`,
  })
}

function head({ machine, warning, quick, seconds, summary }: BenchReport): Markup {
  const { node, openssl, v8, cpu, cores, memoryGiB, platform, loadAverage, startedAt } = machine
  return html`<header>
<p class="kicker">trefoil bench${quick ? ' --quick' : ''}, ${startedAt}, ${seconds} s</p>
<h1>Cost of a handshake on Node ${node}</h1>
<p>${cpu}, ${cores} cores, ${memoryGiB} GiB, ${platform}; OpenSSL ${openssl}, V8 ${v8}; load average at the start ${loadAverage}.</p>
${warning === null ? NOTHING : html`<p class="warning">${capital(warning)}.</p>`}
<h2>Ours over theirs</h2>
<p>Below one, ours takes less processor time for a handshake, or less memory for a connection. For bulk it is throughput:
above one, ours is faster. The floor is the cryptography alone.</p>
<div class="wide"><table>
<thead><tr><th></th><th class="number">floor</th><th class="number">node:tls</th></tr></thead>
<tbody>${Object.entries(summary.ratios).map(
    ([name, against]) =>
      html`<tr><th>${name}</th><td class="number">${
        'floor' in against ? shown(against.floor) : ''
      }</td><td class="number">${shown(against.nodeTls)}</td></tr>\n`,
  )}</tbody>
</table></div>
</header>`
}

function section({ name, tables, plots }: Section): Markup {
  return html`<section id="${name}">
<h2>${capital(name)}</h2>
<div class="plots">${plots.map(drawPlot)}</div>
${tables.map(table)}
</section>
`
}

function table({ title, note, columns, rows }: Table): Markup {
  const numeric = columns.map((_, place) => place > 0 && rows.every((row) => typeof row[place] !== 'string'))
  const align = (place: number) => trusted(numeric[place] === true ? ' class="number"' : '')
  return html`<h3>${title}</h3>
<p>${note}</p>
<div class="wide"><table>
<thead><tr>${columns.map((column, place) => html`<th${align(place)}>${column}</th>`)}</tr></thead>
<tbody>
${rows.map((row) => html`<tr>${row.map((cell, place) => html`<td${align(place)}>${shown(cell)}</td>`)}</tr>\n`)}</tbody>
</table></div>
`
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
