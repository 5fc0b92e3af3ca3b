/** Reads the OpenMetrics text format, strictly enough to see that a scraper will, and finds samples. */
import { expect } from 'vitest'

export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const LABEL = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\["\\\\n])*"'
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)\\})? (\\S+)$`)
const SUFFIXES: Readonly<Record<string, RegExp>> = {
  counter: /^_total$/,
  gauge: /^$/,
  histogram: /^_(?:bucket|count|sum)$/,
  summary: /^(?:_count|_sum)?$/,
}

/** Fails the test where the text is not OpenMetrics: every sample belongs to the family above it, and EOF ends it. */
export function parseOpenMetrics(text: string): Sample[] {
  const lines = text.split('\n')
  expect(lines.splice(-2)).toEqual(['# EOF', ''])
  let family = ''
  let suffix = /^$/
  const seen = new Set<string>()
  return lines.flatMap((line) => {
    const type = /^# TYPE (\S+) (\w+)$/.exec(line)
    if (type !== null) {
      family = type[1] as string
      suffix = SUFFIXES[type[2] as string] as RegExp
      expect(seen.has(family), `family ${family} comes twice`).toBe(false)
      seen.add(family)
      return []
    }
    if (/^# HELP \S+ .+$/.test(line)) return []
    const found = SAMPLE.exec(line)
    if (found === null) throw new Error(`no sample: ${line}`)
    const [, name = '', labels = '', value = ''] = found
    expect(name.startsWith(family) && suffix.test(name.slice(family.length)), `${name} in family ${family}`).toBe(true)
    return [{ name, labels: readLabels(labels), value: Number(value.replace('Inf', 'Infinity')) }]
  })
}

/** The first sample of that name which has at least these labels. */
export function sample(samples: readonly Sample[], name: string, labels: Sample['labels'] = {}): Sample | undefined {
  const fits = (candidate: Sample) =>
    Object.entries(labels).every(([label, value]) => candidate.labels[label] === value)
  return samples.find((candidate) => candidate.name === name && fits(candidate))
}

function readLabels(text: string): Record<string, string> {
  const pairs = text.match(new RegExp(LABEL, 'g')) ?? []
  return Object.fromEntries(
    pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 2, -1)]),
  )
}
