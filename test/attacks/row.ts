/** A row of the table of attacks: what is done, what stops it, and who must notice and how, in which modes. */
import { ERROR_TABLE, type ErrorCode } from '../../src/errors.js'
import type { Scene } from './confront.js'
import { HELLO_MODES, type ModeName, type Setting } from './settings.js'

export interface Notice {
  readonly modes: readonly ModeName[]
  readonly by: 'client' | 'server'
  readonly code: ErrorCode
  /** The check that stops it, with the place in the standard. */
  readonly check: string
}

export interface Row {
  /** What the attacker does. */
  readonly attack: string
  readonly notices: readonly Notice[]
  /** The honest ends of a setting, or one of them, with the attack on them. */
  readonly scene: (setting: Setting) => Scene | Promise<Scene>
}

export interface Family {
  /** Of the table in the document. */
  readonly title: string
  /** What the honest ends are configured with beside the mode, so that there is something to attack. */
  readonly adapt?: (setting: Setting) => Setting
  readonly rows: readonly Row[]
}

export interface Case {
  readonly mode: ModeName
  readonly row: Row
  readonly notice: Notice
}

/** Each attack in each mode that a notice names, with a title. */
export function cases({ rows }: Family): (readonly [title: string, Case])[] {
  return rows.flatMap((row) =>
    row.notices.flatMap((notice) =>
      notice.modes.map((mode) => [`${mode}: ${row.attack}`, { mode, row, notice }] as const),
    ),
  )
}

/** The tables in Markdown. */
export function renderTables(families: readonly Family[]): string {
  return families.map(renderTable).join('\n')
}

function renderTable({ title, rows }: Family): string {
  const lines = rows.flatMap(({ attack, notices }) =>
    notices.map(({ modes, by, code, check }, i) => {
      const cells = [i === 0 ? attack : '〃', namesOf(modes), check, by, code, ERROR_TABLE[code].alert ?? '–']
      return `| ${cells.join(' | ')} |`
    }),
  )
  const head = ['| the attacker | modes | what stops it | who notices | error | alert |', '|---|---|---|---|---|---|']
  return [`## ${title}`, '', ...head, ...lines, ''].join('\n')
}

function namesOf(modes: readonly ModeName[]): string {
  return HELLO_MODES.every((mode) => modes.includes(mode)) ? 'all' : modes.join(', ')
}
