import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { width } from '../../../src/pages/text.js'
import { renderTerminal } from '../../../src/rndl/report/index.js'
import { hostileReport, soundReport, unsoundReport } from './sampleReport.js'

const HOSTILE = '\u001b[2J\u0007<b>量子鍵</b>\r\n\u202eabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz'

describe('a report in a terminal', () => {
  it.each([60, 80, 100, 200])('fits %i columns, and 100 at most', (columns) => {
    for (const report of [soundReport(), unsoundReport(), hostileReport('量子 key manager')]) {
      for (const colours of [false, true]) {
        const lines = renderTerminal(report, { columns, colours }).split('\n')
        expect(lines.filter((line) => width(stripVTControlCharacters(line)) > Math.min(100, columns))).toEqual([])
      }
    }
  })

  it('begins with the verdict', () => {
    expect(renderTerminal(soundReport())).toMatch(
      /^HOLDS {2}15,648 cells: graph, claim and adversary agree in every one; 14 of 14 controls caught\n/,
    )
    expect(renderTerminal(unsoundReport())).toMatch(
      /^FAILS {2}16 disagreements in a run of 15,648 cells; 13 of 14 controls caught\n/,
    )
  })

  it('is no success when nothing was examined', () => {
    const { controls: _, ...report } = soundReport()
    const summary = { cells: 0, disagreements: 0, controls: { total: 0, caught: 0 }, milliseconds: 1 }
    const empty = { ...report, scenarios: [], controls: [], falseAlarms: [], searches: [], timeline: [], summary }
    expect(renderTerminal(empty)).toMatch(/^FAILS {2}nothing was examined/)
  })

  it('gives equal rules equal letters, and spells each out once', () => {
    const lines = renderTerminal(soundReport()).split('\n')
    const row = (title: string) => lines.find((line) => line.startsWith(`${title}  `))
    expect(row('certificate + QKD')?.split(/\s+/).slice(3)).toEqual([
      'a',
      '·',
      'A',
      'A',
      '·',
      '·',
      'A',
      'a',
      '·',
      '·',
      '1,280',
      'agree',
    ])
    expect(row('QKD alone')?.split(/\s+/).slice(2)).toEqual([
      '·',
      '·',
      'A',
      'A',
      '·',
      '·',
      '·',
      'a',
      '·',
      '·',
      '192',
      'agree',
    ])
    expect(lines.filter((line) => line.startsWith(' a  '))).toEqual([
      ` a  ${'curve and (ML-KEM key or ML-KEM secret) and (QKD keys or delivery link)'.padEnd(87)}  9 of 32`,
    ])
  })

  it('shows who disagrees about what, and where', () => {
    const text = renderTerminal(unsoundReport())
    expect(text).toContain('certificate + QKD: response, in 12 of 256 cells')
    expect(text).toContain('  claim     curve and (ML-KEM key or ML-KEM secret) and QKD keys, or endpoint memory')
    expect(text).toContain('with curve, ML-KEM key, delivery link: claim closed, graph open, adversary open')
    expect(text).toContain('with curve, ML-KEM key: claim closed, graph closed, adversary open')
    expect(text).toContain('  earlier session: closed expected, open found')
    expect(text).toContain('false alarm of nonce reuse, at sound endpoints: two records under one key and nonce')
    expect(text).toMatch(/^search for X25519 scalar: slope 0\.500 \(theory: \d\.\d{3} ± \d\.\d{3}\)$/m)
    expect(text).toMatch(/certificate \+ QKD +a +· +A +A! +· +· +A! +a +· +· +1,280 +13 not/)
    expect(text).toMatch(/MISSED {2}QKD key in the binder alone/)
  })

  it('does not bury the rest under things that disagree', () => {
    const [first, ...others] = soundReport().scenarios
    const things = first?.things.map((thing) => ({
      ...thing,
      cells: thing.cells.map((cell) => ({ ...cell, predicted: !cell.predicted })),
    }))
    const scenarios = [1, 2, 3].flatMap(() => (first && things ? [{ ...first, things }] : []))
    const text = renderTerminal({ ...soundReport(), scenarios: [...scenarios, ...others] })
    expect(text.match(/^certificate \+ QKD: .*, in 256 of 256 cells$/gm)).toHaveLength(8)
    expect(text).toContain('\nand 7 more things, which the page and the JSON lines list\n')
  })

  it('has colours only when asked for, and no other control characters ever', () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there.
    const control = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/
    expect(renderTerminal(soundReport())).not.toMatch(control)
    expect(renderTerminal(hostileReport(HOSTILE))).not.toMatch(control)
    const coloured = renderTerminal(hostileReport(HOSTILE), { colours: true })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours.
    expect(coloured.replaceAll(/\u001b\[[0-9;]+m/g, '').replaceAll(/ +$/gm, '')).toBe(
      renderTerminal(hostileReport(HOSTILE)),
    )
  })
})
