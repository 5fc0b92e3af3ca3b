/** Text in columns. Names in a report may come from a configuration, so nothing in them may steer a terminal. */

/** Control characters, lone surrogates, and marks that turn the direction of what follows. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

export function printable(text: string): string {
  return text.replace(UNPRINTABLE, '\ufffd')
}

/** Code points that take two columns (Unicode's East_Asian_Width W and F, in ranges), and emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u
const INVISIBLE = /^[\p{Mn}\p{Me}\p{Cf}]*$/u
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** Columns that a printable text takes in a terminal. */
export function width(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this is about what is plain.
  if (/^[\x00-\x7f]*$/.test(text)) return text.length
  let columns = 0
  for (const { segment } of graphemes.segment(text)) columns += widthOfGrapheme(segment)
  return columns
}

function widthOfGrapheme(grapheme: string): number {
  if (INVISIBLE.test(grapheme)) return 0
  return WIDE.test(grapheme) ? 2 : 1
}

/** Fills up with spaces, or cuts what is too long and shows that by an ellipsis. */
export function pad(text: string, columns: number, align: 'left' | 'right' = 'left'): string {
  const fitting = width(text) <= columns ? text : `${cut(text, columns - 1)[0]}…`
  const filling = ' '.repeat(Math.max(0, columns - width(fitting)))
  return align === 'left' ? fitting + filling : filling + fitting
}

/** Lines of at most `columns`; a word that is longer is cut. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = ['']
  for (const word of text.split(' ').flatMap((long) => pieces(long, columns))) {
    const last = lines.at(-1) ?? ''
    const joined = last === '' ? word : `${last} ${word}`
    if (width(joined) <= columns) lines[lines.length - 1] = joined
    else lines.push(word)
  }
  return lines
}

function pieces(word: string, columns: number): string[] {
  const found: string[] = []
  let rest = word
  while (width(rest) > columns) {
    const [head, tail] = cut(rest, columns)
    if (head === '') break
    found.push(head)
    rest = tail
  }
  return [...found, rest]
}

function cut(text: string, columns: number): [string, string] {
  let head = ''
  let used = 0
  for (const { segment } of graphemes.segment(text)) {
    used += widthOfGrapheme(segment)
    if (used > columns) break
    head += segment
  }
  return [head, text.slice(head.length)]
}
