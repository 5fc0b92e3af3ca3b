/** Plots of a search: bits of entropy against trials, both axes in powers of two, so that theory is a straight line. */

import { html, type Markup } from '../../../pages/markup.js'
import type { SearchReport } from '../../report.js'

const WIDTH = 440
const HEIGHT = 300
const PLOT = { left: 62, right: 424, top: 14, bottom: 252 }
const SECONDS_PER_YEAR = 31_557_600

interface Axes {
  readonly bits: readonly [number, number]
  /** Of log2 of trials. */
  readonly trials: readonly [number, number]
  /** Distance of ticks, in bits. */
  readonly every: number
}

/** What was measured, next to 2^(n−1). */
export function costPlot({ component, points, slope }: SearchReport): Markup {
  const bits = points.map((point) => point.bits)
  const [low, high] = [Math.min(...bits), Math.max(...bits)]
  const highest = Math.max(high, ...points.flatMap(({ trials }) => trials.map(Math.log2)))
  const axes: Axes = { bits: [low - 1, high + 1], trials: [0, Math.ceil(highest)], every: 2 }
  const single = points.flatMap(({ bits: at, trials }) =>
    trials.map((each) => html`<circle class="single" cx="${x(axes, at)}" cy="${y(axes, Math.log2(each))}" r="2"/>`),
  )
  const means = points.map(
    ({ bits: at, meanTrials }) =>
      html`<circle class="mean" cx="${x(axes, at)}" cy="${y(axes, Math.log2(meanTrials))}" r="4.5"/>`,
  )
  const description = `${component}: mean trials from ${low} to ${high} bits follow a slope of ${slope.toFixed(3)} in log2`
  return frame(description, axes, html`${expectedLine(axes)}${single}${means}`)
}

/** The way from what was measured to the real size, with the times it takes. */
export function extrapolationPlot({ component, points, realBits, microsecondsPerTrial }: SearchReport): Markup {
  const axes: Axes = { bits: [0, realBits], trials: [0, realBits], every: 2 ** Math.ceil(Math.log2(realBits / 8)) }
  const trialsPerYear = (SECONDS_PER_YEAR * 1e6) / microsecondsPerTrial
  const marks = [
    ['a year', Math.log2(trialsPerYear)],
    ['age of the universe', Math.log2(trialsPerYear * 1.38e10)],
    ['the same, 10¹⁸ machines', Math.log2(trialsPerYear * 1.38e28)],
  ] as const
  const lines = marks
    .filter(([, at]) => at < realBits)
    .map(([name, at], index) => markLine(axes, name, at, index === 0))
  const measured = points.map(
    ({ bits, meanTrials }) =>
      html`<circle class="mean" cx="${x(axes, bits)}" cy="${y(axes, Math.log2(meanTrials))}" r="2.5"/>`,
  )
  const real = html`<circle class="real" cx="${x(axes, realBits)}" cy="${y(axes, realBits - 1)}" r="5"/>`
  const description = `${component}: the line led on to the ${realBits} bits of the real one, 2^${realBits - 1} trials`
  return frame(description, axes, html`${lines}${expectedLine(axes)}${measured}${real}`)
}

/** A time, as the number of trials that fit into it. */
function markLine(axes: Axes, name: string, at: number, nameBelow: boolean): Markup {
  const height = y(axes, at)
  return html`<line class="mark" x1="${PLOT.left}" x2="${PLOT.right}" y1="${height}" y2="${height}"/>
<text class="mark" x="${PLOT.right - 6}" y="${round(height + (nameBelow ? 13 : -4))}" text-anchor="end">${name}</text>`
}

function frame(description: string, axes: Axes, content: Markup): Markup {
  const columns = ticks(axes.bits, axes.every).map(
    (bits) => html`<line class="grid" x1="${x(axes, bits)}" x2="${x(axes, bits)}" y1="${PLOT.top}" y2="${PLOT.bottom}"/>
<text x="${x(axes, bits)}" y="${PLOT.bottom + 18}" text-anchor="middle">${bits}</text>`,
  )
  const rows = ticks(axes.trials, axes.every).map(
    (
      power,
    ) => html`<line class="grid" x1="${PLOT.left}" x2="${PLOT.right}" y1="${y(axes, power)}" y2="${y(axes, power)}"/>
<text x="${PLOT.left - 8}" y="${y(axes, power) + 4}" text-anchor="end">2<tspan class="power" dy="-4">${power}</tspan></text>`,
  )
  return html`<svg class="plot" role="img" viewBox="0 0 ${WIDTH} ${HEIGHT}">
<title>${description}</title>
${columns}${rows}
<text x="${(PLOT.left + PLOT.right) / 2}" y="${HEIGHT - 8}" text-anchor="middle">bits of entropy</text>
<text transform="translate(14 ${(PLOT.top + PLOT.bottom) / 2}) rotate(-90)" text-anchor="middle">trials</text>
${content}
</svg>`
}

/** 2^(n−1) from one edge of the plot to the other. */
function expectedLine(axes: Axes): Markup {
  const from = Math.max(axes.bits[0], axes.trials[0] + 1)
  const to = Math.min(axes.bits[1], axes.trials[1] + 1)
  return html`<line class="expected" x1="${x(axes, from)}" y1="${y(axes, from - 1)}" x2="${x(axes, to)}" y2="${y(axes, to - 1)}"/>`
}

function ticks([low, high]: readonly [number, number], every: number): number[] {
  const first = Math.ceil(low / every)
  return Array.from({ length: Math.floor(high / every) - first + 1 }, (_, index) => (first + index) * every)
}

function x({ bits: [low, high] }: Axes, bits: number): number {
  return round(PLOT.left + ((bits - low) / (high - low)) * (PLOT.right - PLOT.left))
}

function y({ trials: [low, high] }: Axes, power: number): number {
  return round(PLOT.bottom - ((power - low) / (high - low)) * (PLOT.bottom - PLOT.top))
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
