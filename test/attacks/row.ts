/** A row of the table of attacks: what is done, what stops it, and who must notice and how, in which modes. */
import { ERROR_TABLE, type ErrorCode } from '../../src/errors.js'
import type { Scene } from './confront.js'
import type { ModeName, Setting } from './settings.js'

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

/** Each attack in each mode that a notice names. */
export function cases({ rows }: Family): { title: string; mode: ModeName; row: Row; notice: Notice }[] {
  return rows.flatMap((row) =>
    row.notices.flatMap((notice) =>
      notice.modes.map((mode) => ({ title: `${mode}: ${row.attack}`, mode, row, notice })),
    ),
  )
}

/** The table in Markdown. */
export function renderTable({ rows }: Family): string {
  const lines = rows.flatMap(({ attack, notices }) =>
    notices.map(({ modes, by, code, check }, i) => {
      const cells = [i === 0 ? attack : '', modes.join(', '), check, by, code, ERROR_TABLE[code].alert ?? '–']
      return `| ${cells.join(' | ')} |`
    }),
  )
  return [
    '| attack | modes | what stops it | noticed by | error | alert |',
    '|---|---|---|---|---|---|',
    ...lines,
    '',
  ].join('\n')
}
