/** Tables for a terminal, in columns as wide as what stands in them. */
import type { Machine } from '../machine.js'
import type { Section, Table } from './sections.js'

export function renderMachine({ node, openssl, v8, cpu, cores, memoryGiB, platform, loadAverage }: Machine): string {
  return [
    `Node ${node}, OpenSSL ${openssl}, V8 ${v8}`,
    `${cpu}, ${cores} cores, ${memoryGiB} GiB, ${platform}; load average at the start ${loadAverage}`,
  ].join('\n')
}

export function renderSection({ tables }: Section): string {
  return tables.map(renderTable).join('\n')
}

const LINE_LENGTH = 100
const GAP = '  '

export function renderTable({ title, note, columns, rows }: Table): string {
  const cells = [columns, ...rows].map((row) => row.map(shown))
  const widths = columns.map((_, place) => Math.max(...cells.map((row) => (row[place] ?? '').length)))
  const numeric = columns.map((_, place) => place > 0 && rows.every((row) => typeof row[place] !== 'string'))
  const lines = cells.map((row) =>
    row
      .map((cell, place) => (numeric[place] ? cell.padStart(widths[place] ?? 0) : cell.padEnd(widths[place] ?? 0)))
      .join(GAP)
      .trimEnd(),
  )
  const [head = '', ...body] = lines
  return [title, ...wrap(note), '', head, '-'.repeat(head.length), ...body, ''].join('\n')
}

/** As a table shows a value; null is what was not, or could not be, measured. */
export function shown(value: string | number | null): string {
  if (value === null) return '–'
  return typeof value === 'number' ? formatNumber(value) : value
}

function formatNumber(value: number): string {
  if (Number.isInteger(value)) return value.toLocaleString('en-US')
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

function wrap(text: string): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > LINE_LENGTH) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return line === '' ? lines : [...lines, line]
}
