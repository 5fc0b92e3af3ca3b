/** What the sections of a terminal report draw on: its width, and colours or none. */
import { printable, wrap } from '../../../pages/text.js'

const CODES = { good: '1;32', bad: '1;31', warn: '33', dim: '2', bold: '1', letter: '36' } as const

export type Style = keyof typeof CODES

export interface Canvas {
  readonly columns: number
  /** Adds no columns; give it text of the width wanted. */
  paint(style: Style, text: string): string
  /** The remark goes on below where it does not fit beside. */
  heading(title: string, remark: string): string[]
  /** Lines of at most `columns`, by default all there are, without what could steer the terminal. */
  wrap(text: string, columns?: number): string[]
}

export function canvas(columns: number, colours: boolean): Canvas {
  const paint = (style: Style, text: string) => (colours ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text)
  return {
    columns,
    paint,
    heading(title, remark) {
      const lines = wrap(`${title}  ${remark}`, columns)
      return lines.map((line, index) =>
        index === 0 ? paint('bold', title) + paint('dim', line.slice(title.length)) : paint('dim', line),
      )
    },
    wrap: (text, limit = columns) => wrap(printable(text), limit),
  }
}
