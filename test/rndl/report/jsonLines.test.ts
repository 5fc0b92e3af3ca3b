import { describe, expect, it } from 'vitest'
import { renderJsonLines } from '../../../src/rndl/report/index.js'
import { hostileReport, soundReport, unsoundReport } from './sampleReport.js'

type Event = Readonly<Record<string, unknown>>

function events(text: string): Event[] {
  expect(text.endsWith('\n')).toBe(true)
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Event)
}

describe('a report as JSON lines', () => {
  it('ends with exactly the summary that scripts wait for', () => {
    expect(renderJsonLines(unsoundReport()).trimEnd().split('\n').at(-1)).toBe(
      '{"event":"summary","cells":15648,"disagreements":16,"controls":{"total":14,"caught":13},"milliseconds":41237}',
    )
  })

  it('has a line for the run, each scenario, thing, graph, control, search and row of the timeline', () => {
    const report = soundReport()
    const all = events(renderJsonLines(report))
    const named = (name: string) => all.filter(({ event }) => event === name)
    expect(all[0]).toMatchObject({ event: 'run', version: 1, extent: 'full', environment: report.environment })
    expect(named('scenario')).toHaveLength(report.scenarios.length)
    expect(named('thing')).toHaveLength(54)
    expect(named('graph')).toHaveLength(report.scenarios.length)
    expect(named('control')).toHaveLength(report.controls.length)
    expect(named('search')).toHaveLength(report.searches.length)
    expect(named('timeline')).toHaveLength(report.timeline.length)
  })

  it('gives every cell as a bit, and spells out those in which the three disagree', () => {
    const report = unsoundReport()
    const things = events(renderJsonLines(report)).filter(({ event }) => event === 'thing')
    const [scenario] = report.scenarios
    for (const thing of scenario?.things ?? []) {
      const line = things.find((each) => each['scenario'] === scenario?.name && each['name'] === thing.name)
      const bits = line?.['bits'] as Record<'claimed' | 'predicted' | 'achieved', string>
      for (const side of ['claimed', 'predicted', 'achieved'] as const) {
        const digits = bits[side]
        const unpacked = thing.cells.map(
          (_, bit) => ((Number.parseInt(digits[bit >> 2] ?? '', 16) >> (bit & 3)) & 1) === 1,
        )
        expect(unpacked).toEqual(thing.cells.map((cell) => cell[side]))
      }
    }
    expect(things.find(({ name }) => name === 'ticket')).toMatchObject({
      disagreements: [{ leaks: ['curve', 'decapsulationKey'], predicted: false, claimed: false, achieved: true }],
    })
  })

  it('keeps to one line an event, whatever stands in a name', () => {
    const name = 'a\nb\r\u2028\u0000"'
    const all = events(renderJsonLines(hostileReport(name)))
    expect(all.filter(({ event }) => event === 'scenario').map(({ title }) => title)).toContain(name)
  })
})
