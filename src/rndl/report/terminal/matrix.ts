/**
 * The matrix: a row for each scenario, a column for each protected thing. A letter stands for what opens the thing, and
 * is spelled out in the legend; equal letters are equal rules, so what differs between modes is seen at a glance.
 */

import { pad } from '../../../pages/text.js'
import { PROTECTED_THINGS, type ProtectedThingName } from '../../model.js'
import type { Report, ScenarioReport } from '../../report.js'
import { cellsOf, disagreementsOf, disagrees, leaksTried, type Rules, rulesOf, thingsNamed } from '../findings.js'
import { formulaOf, shareOpen, words } from '../formula.js'
import { count, LEAKS, THINGS } from '../words.js'
import type { Canvas } from './paint.js'

/** Columns for a letter; with two of them and a mark it still has a space. */
const LETTER = 4
const CELLS = 9
const AGREE = 9

export function drawMatrix(report: Report, on: Canvas): string[] {
  if (report.scenarios.length === 0) return []
  const names = PROTECTED_THINGS.filter((name) => report.scenarios.some((s) => thingsNamed(s, name).length > 0))
  // How many cells there are is the first thing that can be done without.
  const cells = on.columns < 100 ? 0 : CELLS
  const title = on.columns - names.length * LETTER - cells - AGREE
  const layout = { names, title, cells, rules: rulesOf(report), on }
  const columns = names.map((name) => pad(THINGS[name].column, LETTER)).join('')
  return [
    ...on.heading('WHAT OPENS WHAT', 'letters: see below; agree: claim, graph and adversary do, in every cell'),
    on.paint('dim', ' '.repeat(title) + groups(names)),
    on.paint('dim', `${pad('scenario', title)}${columns}${pad(cells === 0 ? '' : 'cells', cells, 'right')}`),
    ...report.scenarios.flatMap((scenario) => drawScenario(scenario, layout)),
  ]
}

interface Layout {
  readonly names: readonly ProtectedThingName[]
  /** Columns for the title, and for the number of cells. */
  readonly title: number
  readonly cells: number
  readonly rules: Rules
  readonly on: Canvas
}

function drawScenario(scenario: ScenarioReport, { names, title, cells, rules, on }: Layout): string[] {
  const letters = names.map((name) => drawCell(scenario, name, rules, on)).join('')
  const differing = disagreementsOf(scenario).length
  const verdict =
    differing === 0
      ? on.paint('good', pad('agree', AGREE, 'right'))
      : on.paint('bad', pad(`${count(differing)} not`, AGREE, 'right'))
  const number = cells === 0 ? '' : pad(count(cellsOf(scenario)), cells, 'right')
  return on
    .wrap(scenario.title, title - 3)
    .map((line, index) => (index === 0 ? `${pad(line, title)}${letters}${number}${verdict}` : `  ${line}`))
}

function drawCell(scenario: ScenarioReport, name: ProtectedThingName, rules: Rules, on: Canvas): string {
  const things = thingsNamed(scenario, name)
  if (things.length === 0) return on.paint('dim', pad('·', LETTER))
  const letters = [...new Set(things.map(({ achieved }) => rules.letterOf(achieved)))].join('')
  return things.some(({ cells }) => cells.some(disagrees))
    ? on.paint('bad', pad(`${letters}!`, LETTER))
    : on.paint('letter', pad(letters, LETTER))
}

/** Headings that several columns share, over the first of them. */
function groups(names: readonly ProtectedThingName[]): string {
  return names
    .map((name, index) => {
      const group = groupOf(name)
      if (group === groupOf(names[index - 1])) return ''
      const shared = names.slice(index).findIndex((other) => groupOf(other) !== group)
      const room = LETTER * (shared === -1 ? names.length - index : shared)
      return pad((group ?? '').slice(0, room - 1), room)
    })
    .join('')
}

function groupOf(name: ProtectedThingName | undefined): string | null {
  return name === undefined ? null : THINGS[name].group
}

export function drawLegend(report: Report, on: Canvas): string[] {
  const rules = rulesOf(report).list.map((rule) => ({ ...rule, share: shareOpen(rule.sets) }))
  const { tried, inVain } = leaksTried(report)
  if (tried.length === 0) return []
  const share = (rule: (typeof rules)[number]) => `${count(rule.share.open)} of ${count(rule.share.of)}`
  const margin = Math.max(...rules.map((rule) => rule.letter.length)) + 3
  const shares = Math.max(...rules.map((rule) => share(rule).length))
  return [
    ...on.heading('LETTERS', 'it takes, and how many subsets of these leaks open it; capital: or endpoint memory'),
    ...rules.flatMap((rule) => {
      const lines = on.wrap(words(formulaOf(rule.sets)), on.columns - margin - shares - 2)
      return lines.map((line, index) => {
        const left = index === 0 ? ` ${on.paint('letter', pad(rule.letter, margin - 1))}` : ' '.repeat(margin)
        const room = on.columns - margin - shares
        return left + pad(line, room) + (index === 0 ? on.paint('dim', pad(share(rule), shares, 'right')) : '')
      })
    }),
    '',
    ...on.heading('LEAKS', 'what the adversary was handed, in every combination'),
    ...tried.flatMap((leak) => {
      const means = `${LEAKS[leak].means}${inVain.includes(leak) ? ' (opened nothing)' : ''}`
      return on
        .wrap(means, on.columns - 18)
        .map((line, index) => ` ${pad(index === 0 ? LEAKS[leak].name : '', 16)} ${line}`)
    }),
  ]
}
