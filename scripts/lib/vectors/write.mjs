// JSON in one form, so that a change shows as itself: two spaces, lists of plain values on one line.

export function format(value, indent = '') {
  if (Array.isArray(value)) {
    if (value.every(isPlain)) return `[${value.map((item) => JSON.stringify(item)).join(', ')}]`
    return bracket(
      '[',
      value.map((item) => format(item, `${indent}  `)),
      ']',
      indent,
    )
  }
  if (isPlain(value)) return JSON.stringify(value)
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  if (entries.length === 0) return '{}'
  return bracket(
    '{',
    entries.map(([name, item]) => `${JSON.stringify(name)}: ${format(item, `${indent}  `)}`),
    '}',
    indent,
  )
}

function bracket(open, lines, close, indent) {
  return `${open}\n${lines.map((line) => `${indent}  ${line}`).join(',\n')}\n${indent}${close}`
}

const isPlain = (value) => typeof value !== 'object' || value === null
