import { describe, expect, it } from 'vitest'
import { busyWarning, describeMachine } from '../../src/bench/machine.js'
import { shown } from '../../src/bench/report/figures.js'
import { renderHtml } from '../../src/bench/report/html/page.js'
import { drawPlot } from '../../src/bench/report/html/plot.js'
import { linearScale, logScale } from '../../src/bench/report/html/scale.js'
import type { Plot, Section, Table } from '../../src/bench/report/sections.js'
import { renderTable } from '../../src/bench/report/terminal.js'
import { summaryOf } from '../../src/bench/summary.js'

const table: Table = {
  title: 'Costs',
  note: 'What it <costs>.',
  columns: ['mode', 'µs', 'ratio'],
  rows: [
    ['psk', 1234.5, null],
    ['mldsa65-server', 7, '1.20 (1.10 to 1.30)'],
  ],
}
const bars: Plot = {
  title: 'Bars & more',
  kind: 'bars',
  xLabel: 'mode',
  yLabel: 'µs',
  series: [
    {
      name: 'ours',
      points: [
        ['psk', 10],
        ['certificate', 20],
      ],
    },
    { name: 'theirs', points: [['psk', 40]] },
  ],
}
const lines: Plot = {
  title: 'Lines',
  kind: 'lines',
  xLabel: 'octets',
  yLabel: 'MB/s',
  logX: true,
  logY: true,
  series: [
    {
      name: 'ours',
      points: [
        [64, 1],
        [1024, 10],
        [1_048_576, 1000],
      ],
    },
  ],
}
const section: Section = {
  name: 'costs',
  result: { ratios: { psk: { floor: 1.1, nodeTls: null } } },
  tables: [table],
  plots: [bars, lines],
}

describe('a table on a terminal', () => {
  it('has its columns below one another, figures to the right, and a dash for what there is not', () => {
    const drawn = renderTable(table).split('\n')
    expect(drawn.slice(3)).toEqual([
      'mode               µs  ratio',
      '----------------------------',
      'psk             1,235  –',
      'mldsa65-server      7  1.20 (1.10 to 1.30)',
      '',
    ])
  })

  it('shows as many digits of a figure as say something', () => {
    expect([0.123_456, 12.345, 123.45, 1234, null, 'x'].map(shown)).toEqual(['0.12', '12.3', '123', '1,234', '–', 'x'])
  })
})

describe('an axis', () => {
  it('has round ticks from zero to above the highest value', () => {
    const scale = linearScale([0.3, 17])
    expect(scale.ticks).toEqual([0, 5, 10, 15, 20])
    expect([scale.at(0), scale.at(20)]).toEqual([0, 1])
  })

  it('of logarithms has the powers of ten around the values', () => {
    const scale = logScale([64, 1_048_576])
    expect(scale.ticks).toEqual([10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000])
    expect(scale.at(1000)).toBeCloseTo(1 / 3)
  })

  it('is one also where there is nothing but zero', () => {
    expect(linearScale([0]).ticks.length).toBeGreaterThan(1)
    expect(linearScale([]).at(0)).toBe(0)
  })
})

describe('a plot', () => {
  it('has a bar for each point, none of which leaves the picture', () => {
    const { markup } = drawPlot(bars)
    const heights = [...markup.matchAll(/<rect class="s\d" x="[\d.]+" y="([\d.]+)" width="[\d.]+" height="([\d.]+)"/g)]
    expect(heights).toHaveLength(3)
    for (const [, y, height] of heights) expect(Number(y) + Number(height)).toBeCloseTo(262)
    expect(markup).toContain('Bars &amp; more')
  })

  it('of lines goes through its points from left to right', () => {
    const places = /points="([^"]+)"/
      .exec(drawPlot(lines).markup)?.[1]
      ?.split(' ')
      .map((xy) => xy.split(',').map(Number))
    expect(places).toHaveLength(3)
    const across = places?.map(([x]) => x) ?? []
    expect([...across].sort((a, b) => Number(a) - Number(b))).toEqual(across)
  })
})

describe('the page', () => {
  const machine = describeMachine()
  const report = { machine, warning: null, quick: true, sections: [section], summary: summaryOf([section]), seconds: 1 }

  it('shows all there is as text, and loads and runs nothing', () => {
    const page = renderHtml({ ...report, machine: { ...machine, cpu: '<script>alert(1)</script>' } })
    expect(page).toContain('&lt;script&gt;alert(1)')
    expect(page).toContain('What it &lt;costs&gt;.')
    expect(page).toContain("default-src 'none'")
    expect(page).not.toMatch(/<script|<link|src=|href=|@import|url\(/)
  })

  it('says so when the machine was busy', () => {
    const warning = busyWarning({ ...machine, cores: 2, loadAverage: 3 })
    expect(warning).toContain('load average 3 on 2 cores')
    expect(renderHtml({ ...report, warning })).toContain('load average 3 on 2 cores')
    expect(busyWarning({ ...machine, cores: 2, loadAverage: 0.1 })).toBeNull()
  })
})

describe('the summary', () => {
  it('takes its ratios from wherever they were measured, and has null for the others', () => {
    const bulk: Section = { ...section, name: 'bulk', result: { ratios: { 'bulk-16k': { nodeTls: 0.9 } } } }
    expect(summaryOf([section, bulk])).toEqual({
      event: 'summary',
      ratios: {
        'mldsa65-server': { floor: null, nodeTls: null },
        'mldsa65-mutual': { floor: null, nodeTls: null },
        psk: { floor: 1.1, nodeTls: null },
        'bulk-16k': { nodeTls: 0.9 },
        'memory-idle': { nodeTls: null },
      },
    })
  })
})
