// Reads the little of Markdown that the documentation check needs.

/**
 * The fenced code blocks of a document.
 *
 * @returns {{ language: string, tags: string[], text: string, line: number }[]} `line` is that of the first text line
 */
export function codeBlocks(document) {
  const blocks = []
  let open = null
  for (const [index, line] of document.split('\n').entries()) {
    const fence = /^ {0,3}(`{3,}|~{3,})\s*([^`]*)$/.exec(line)
    if (open === null) {
      if (fence === null) continue
      const [language = '', ...tags] = fence[2].trim().split(/\s+/)
      open = { fence: fence[1], language, tags, lines: [], line: index + 2 }
    } else if (fence !== null && fence[2].trim() === '' && fence[1].startsWith(open.fence)) {
      const { language, tags, lines, line: first } = open
      blocks.push({ language, tags, text: lines.join('\n'), line: first })
      open = null
    } else {
      open.lines.push(line)
    }
  }
  return blocks
}

/** The targets of links and images outside of code, each with its line. */
export function links(document) {
  return withoutCode(document).flatMap((line, index) =>
    [...line.matchAll(/\]\(\s*<?([^\s)>]+)>?[^)]*\)|^\s*\[[^\]]+\]:\s*<?([^\s>]+)/g)].map(([, inline, reference]) => ({
      target: inline ?? reference,
      line: index + 1,
    })),
  )
}

/** The fragments that headings give to links. */
export function anchors(document) {
  const seen = new Map()
  return new Set(
    withoutCode(document, { keepSpans: true }).flatMap((line) => {
      const heading = /^#{1,6}\s+(.*?)\s*#*\s*$/.exec(line)?.[1]
      if (heading === undefined) return []
      const slug = slugOf(heading)
      const count = seen.get(slug) ?? 0
      seen.set(slug, count + 1)
      return [count === 0 ? slug : `${slug}-${count}`]
    }),
  )
}

/** As the usual hosts do it: the text in lower case, without punctuation, spaces as hyphens. */
function slugOf(heading) {
  const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase()
  return text.replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-')
}

/** The lines of a document with fenced code, and code in the text, blanked. */
function withoutCode(document, { keepSpans = false } = {}) {
  const lines = document.split('\n')
  for (const { line, text } of codeBlocks(document)) lines.fill('', line - 2, line + text.split('\n').length)
  return keepSpans ? lines : lines.map((line) => line.replace(/`[^`]*`/g, ''))
}
