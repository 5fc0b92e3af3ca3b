/** Bars and lines as inline SVG. */
import { html, type Markup } from '../../../pages/markup.js'
import { shown } from '../figures.js'
import type { Plot } from '../sections.js'
import { linearScale, logScale, type Scale } from './scale.js'
import { COLOURS } from './style.js'

const WIDTH = 640
const HEIGHT = 340
const AREA = { left: 62, right: 632, top: 12, bottom: 262 }

export function drawPlot(plot: Plot): Markup {
  const drawn = plot.kind === 'bars' ? bars(plot) : lines(plot)
  return html`<figure>
<figcaption>${plot.title}</figcaption>
<svg class="plot" role="img" viewBox="0 0 ${WIDTH} ${HEIGHT}" aria-label="${plot.title}">
${drawn}
<text class="unit" x="${(AREA.left + AREA.right) / 2}" y="${HEIGHT - 4}" text-anchor="middle">${plot.xLabel}</text>
<text class="unit" transform="translate(12 ${(AREA.top + AREA.bottom) / 2}) rotate(-90)" text-anchor="middle">${plot.yLabel}</text>
</svg>
<ul class="legend">${plot.series.map(
    ({ name }, place) =>
      html`<li><svg viewBox="0 0 10 10"><rect class="${colour(place)}" width="10" height="10"/></svg>${name}</li>`,
  )}</ul>
</figure>
`
}

/** Groups of bars beside each other, one group for each x. */
function bars({ series, logY }: Plot): Markup {
  const names = [...new Set(series.flatMap(({ points }) => points.map(([x]) => String(x))))]
  const scale = scaleOf(
    series.flatMap(({ points }) => points.map(([, y]) => y)),
    logY,
  )
  const group = (AREA.right - AREA.left) / Math.max(1, names.length)
  const width = (group * 0.8) / Math.max(1, series.length)
  const zero = y(scale, logY === true ? (scale.ticks[0] ?? 1) : 0)
  const drawn = series.flatMap(({ name, points }, place) =>
    points.map(([x, value]) => {
      const left = AREA.left + names.indexOf(String(x)) * group + group * 0.1 + place * width
      const top = Math.min(y(scale, value), zero)
      const height = Math.abs(y(scale, value) - zero)
      return html`<rect class="${colour(place)}" x="${round(left)}" y="${round(top)}" width="${round(width * 0.92)}" height="${round(height)}"><title>${x}, ${name}: ${shown(value)}</title></rect>\n`
    }),
  )
  const labels = names.map((name, place) => slanted(name, AREA.left + (place + 0.5) * group))
  return html`${rows(scale)}${drawn}${labels}`
}

function lines({ series, logX, logY }: Plot): Markup {
  const points = series.flatMap((one) => one.points)
  const across = scaleOf(
    points.map(([x]) => Number(x)),
    logX,
  )
  const up = scaleOf(
    points.map(([, y]) => y),
    logY,
  )
  const drawn = series.map((one, place) => {
    const places = one.points.map(([at, value]) => [x(across, Number(at)), y(up, value)] as const)
    return html`<polyline class="line ${colour(place)}" points="${places.map((xy) => xy.join(',')).join(' ')}"/>
${places.map(
  ([px, py], index) =>
    html`<circle class="${colour(place)}" cx="${px}" cy="${py}" r="2.5"><title>${one.name}: ${shown(one.points[index]?.[0] ?? null)}, ${shown(one.points[index]?.[1] ?? null)}</title></circle>\n`,
)}`
  })
  const columns = across.ticks.map(
    (
      tick,
    ) => html`<line class="grid" x1="${x(across, tick)}" x2="${x(across, tick)}" y1="${AREA.top}" y2="${AREA.bottom}"/>
<text x="${x(across, tick)}" y="${AREA.bottom + 16}" text-anchor="middle">${shown(tick)}</text>\n`,
  )
  return html`${columns}${rows(up)}${drawn}`
}

function rows(scale: Scale): Markup[] {
  return scale.ticks.map((tick) => {
    const at = y(scale, tick)
    return html`<line class="grid" x1="${AREA.left}" x2="${AREA.right}" y1="${at}" y2="${at}"/>
<text x="${AREA.left - 6}" y="${at + 4}" text-anchor="end">${shown(tick)}</text>\n`
  })
}

function slanted(name: string, at: number): Markup {
  return html`<text transform="translate(${round(at + 4)} ${AREA.bottom + 14}) rotate(-28)" text-anchor="end">${name}</text>\n`
}

/** A logarithm has no place for zero: then the axis is linear after all. */
function scaleOf(values: readonly number[], logarithmic = false): Scale {
  return logarithmic && values.length > 0 && values.every((value) => value > 0) ? logScale(values) : linearScale(values)
}

function x(scale: Scale, value: number): number {
  return round(AREA.left + scale.at(value) * (AREA.right - AREA.left))
}

function y(scale: Scale, value: number): number {
  return round(AREA.bottom - scale.at(value) * (AREA.bottom - AREA.top))
}

function colour(place: number): string {
  return `s${place % COLOURS}`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
