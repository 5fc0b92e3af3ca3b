/** Attacks in time: a row each, with the sessions before, at and after the attack from left to right. */

import { html, type Markup, NOTHING } from '../../../pages/markup.js'
import type { Report, TimelineEntry } from '../../report.js'

const TIMES = [
  ['earlier', 'earlier sessions'],
  ['attacked', 'the session attacked'],
  ['later', 'later sessions'],
] as const

const WHEN: Readonly<Record<TimelineEntry['when'], string>> = {
  before: 'before the session',
  during: 'during the handshake',
  after: 'after the session',
}

const TONES = { open: 'warn', closed: 'good', refused: 'good' } as const

export function timelineSection({ timeline }: Report): Markup {
  if (timeline.length === 0) return NOTHING
  return html`<section aria-labelledby="time">
<h2 id="time">Time</h2>
<p>Secrecy is for good, authentication is of the moment: who can forge signatures later gains nothing, who can forge them
during a handshake gains that session. Each attack below was carried out.</p>
<div class="wide" role="region" aria-labelledby="time" tabindex="0">
<table class="timeline">
<caption>What each attack opened, by when a session took place</caption>
<thead><tr><th scope="col">Attack</th>${TIMES.map(([, name]) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${timeline.map(row)}</tbody>
</table>
</div>
</section>`
}

function row(entry: TimelineEntry): Markup {
  return html`<tr><th scope="row"><span class="when">${WHEN[entry.when]}</span> ${entry.attack}
<span class="remark">${entry.mode}: ${entry.outcome}</span></th>${TIMES.map(([at]) => sessionsCell(entry, at))}</tr>\n`
}

function sessionsCell({ sessions }: TimelineEntry, at: (typeof TIMES)[number][0]): Markup {
  const there = sessions.filter((session) => session.at === at)
  if (there.length === 0) return html`<td class="absent"><span aria-label="no such session">·</span></td>`
  const states = there.map(({ expected, achieved }) =>
    expected === achieved
      ? html`<span class="tag ${TONES[achieved]}">${achieved}</span> `
      : html`<span class="tag bad">${achieved}, not ${expected}</span> `,
  )
  return html`<td class="${at}">${states}</td>`
}
