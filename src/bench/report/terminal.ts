/** Tables for a terminal, in columns as wide as what stands in them. */
import { pad, printable, width, wrap } from '../../pages/text.js'
import type { Machine } from '../machine.js'
import { shown } from './figures.js'
import type { Section, Table } from './sections.js'

export function renderMachine({ node, openssl, v8, cpu, cores, memoryGiB, platform, loadAverage }: Machine): string {
  return [
    `Node ${node}, OpenSSL ${openssl}, V8 ${v8}`,
    `${printable(cpu)}, ${cores} cores, ${memoryGiB} GiB, ${platform}; load average at the start ${loadAverage}`,
    '',
  ].join('\n')
}

export function renderSection({ tables }: Section): string {
  return tables.map(renderTable).join('\n')
}

/** Of a note; a table is as wide as it needs. */
const LINE_LENGTH = 100
const GAP = '  '

export function renderTable({ title, note, columns, rows }: Table): string {
  const cells = [columns, ...rows].map((row) => row.map((cell) => printable(shown(cell))))
  const widths = columns.map((_, place) => Math.max(...cells.map((row) => width(row[place] ?? ''))))
  const alignments = columns.map((_, place) =>
    place > 0 && rows.every((row) => typeof row[place] !== 'string') ? 'right' : 'left',
  )
  const [head = '', ...body] = cells.map((row) =>
    row
      .map((cell, place) => pad(cell, widths[place] ?? 0, alignments[place]))
      .join(GAP)
      .trimEnd(),
  )
  return [title, ...wrap(printable(note), LINE_LENGTH), '', head, '-'.repeat(width(head)), ...body, ''].join('\n')
}
