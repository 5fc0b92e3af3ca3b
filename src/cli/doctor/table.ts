/** The findings of an examination as a table of 100 columns. */
import type { Finding, Grade, KeyManagerReport } from '../../qkd/index.js'

const WIDTH = 100
const MARKS: Readonly<Record<Grade, string>> = { pass: 'pass', warn: 'WARN', fail: 'FAIL', skipped: '-' }
const COLOURS: Readonly<Record<Grade, number>> = { pass: 32, warn: 33, fail: 31, skipped: 90 }
const ID_WIDTH = 24
const CLAUSE_WIDTH = 14

export function drawHeading(url: string, plannedKeys: number, maxKeys: number): string {
  const cost = `${plannedKeys} keys and once max_key_per_request, ${maxKeys} at most (--max-keys)`
  return `examining ${url}\ntakes up to ${cost}, and throws them away\n`
}

/** Mark, check, clause and sentence; what does not fit in a cell goes on below it. */
export function drawFinding({ id, grade, clause, message }: Finding): string {
  const left = [[colour(MARKS[grade].padEnd(4), grade)], [id], wrap(clause, CLAUSE_WIDTH)]
  const widths = [4, ID_WIDTH, CLAUSE_WIDTH]
  const sentence = wrap(message, WIDTH - 3 - 4 - ID_WIDTH - CLAUSE_WIDTH)
  const height = Math.max(sentence.length, ...left.map((cell) => cell.length))
  return Array.from({ length: height }, (_, row) => {
    const cells = left.map((cell, column) => cell[row]?.padEnd(widths[column] ?? 0) ?? ' '.repeat(widths[column] ?? 0))
    return [...cells, sentence[row] ?? ''].join(' ').trimEnd()
  }).join('\n')
}

export function drawSummary(report: Omit<KeyManagerReport, 'findings'>): string {
  const { passed, warned, failed, skipped, keysTaken } = report
  return `\n${passed} passed, ${warned} warned, ${failed} failed, ${skipped} skipped; ${keysTaken} keys taken`
}

function colour(text: string, grade: Grade): string {
  return process.stdout.isTTY ? `\u001b[${COLOURS[grade]}m${text}\u001b[0m` : text
}

/** Lines of at most `width` characters; a word that is longer is cut. */
function wrap(text: string, width: number): string[] {
  const lines = ['']
  for (const word of text.split(' ').flatMap((long) => long.match(new RegExp(`.{1,${width}}`, 'gu')) ?? [])) {
    const last = lines.at(-1) as string
    const joined = last === '' ? word : `${last} ${word}`
    if (joined.length <= width) lines[lines.length - 1] = joined
    else lines.push(word)
  }
  return lines
}
