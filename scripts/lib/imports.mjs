// Finds what a TypeScript source imports, without running or compiling it.

/**
 * Every module that a source names in an import or export declaration, a dynamic import or an import type.
 * `typeOnly` imports leave no trace in the compiled module; a computed specifier is reported as null.
 *
 * @returns {{ specifier: string | null, typeOnly: boolean, line: number }[]}
 */
export function importsOf(source) {
  const found = []
  // The code so far without comments, and with every literal as an empty pair of quotes.
  let code = ''
  for (const token of tokens(source)) {
    if (token.kind === 'string' && /\b(?:from|import)\s*\(?\s*$/.test(code)) {
      found.push({ specifier: token.value, typeOnly: isTypeOnly(code), line: lineOf(source, token.start) })
    } else if (token.kind !== 'string' && token.kind !== 'comment' && /(?<![.\w$])import\s*\(\s*$/.test(code)) {
      if (token.value.trim() !== '') found.push({ specifier: null, typeOnly: false, line: lineOf(source, token.start) })
    }
    if (token.kind === 'code') code += token.value
    else if (token.kind !== 'comment') code += "''"
  }
  return found
}

/** `import type … from`, `export type … from`; an inline `type` still imports the module (verbatimModuleSyntax). */
function isTypeOnly(code) {
  const declaration = code.slice(Math.max(...['import', 'export'].map((word) => code.lastIndexOf(word))))
  return /^(?:import|export)\s+type\b(?!\s*(?:from\b|,))/.test(declaration)
}

function lineOf(source, offset) {
  return source.slice(0, offset).split('\n').length
}

/** Splits a source into comments, string literals, other literals (templates, regular expressions) and code. */
function* tokens(source) {
  const pattern = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\[\s\S]|[^'\\\n])*'|"(?:\\[\s\S]|[^"\\\n])*"|`|\/|[()]/g
  let start = 0
  let code = ''
  for (let match = pattern.exec(source); match !== null; match = pattern.exec(source)) {
    code = source.slice(start, match.index)
    let end = pattern.lastIndex
    let kind = 'code'
    if (/^\/[/*]/.test(match[0])) kind = 'comment'
    else if (/^['"]/.test(match[0])) kind = 'string'
    else if (match[0] === '`') {
      kind = 'literal'
      end = endOfTemplate(source, match.index)
    } else if (match[0] === '/' && startsRegularExpression(source.slice(0, match.index))) {
      kind = 'literal'
      end = endOfRegularExpression(source, match.index)
    }
    if (code !== '') yield { kind: 'code', value: code, start }
    const text = source.slice(match.index, end)
    yield { kind, value: kind === 'string' ? text.slice(1, -1) : text, start: match.index }
    start = end
    pattern.lastIndex = end
  }
  if (start < source.length) yield { kind: 'code', value: source.slice(start), start }
}

/** The offset behind a template literal; what stands in its substitutions is not looked at. */
function endOfTemplate(source, start) {
  let depth = 0
  for (let i = start + 1; i < source.length; i++) {
    const two = source.slice(i, i + 2)
    if (source[i] === '\\') i++
    else if (depth === 0 && source[i] === '`') return i + 1
    else if (depth === 0 && two === '${') {
      depth = 1
      i++
    } else if (depth > 0 && source[i] === '`') i = endOfTemplate(source, i) - 1
    else if (depth > 0 && source[i] === '{') depth++
    else if (depth > 0 && source[i] === '}') depth--
  }
  return source.length
}

/** A slash divides behind a value and opens a regular expression anywhere else. */
function startsRegularExpression(before) {
  const trimmed = before.trimEnd()
  if (/\b(?:return|typeof|case|in|of|yield|await|void)$/.test(trimmed)) return true
  return !/[\w$)\]}'"`]$/.test(trimmed)
}

function endOfRegularExpression(source, start) {
  let inClass = false
  for (let i = start + 1; i < source.length && source[i] !== '\n'; i++) {
    if (source[i] === '\\') i++
    else if (source[i] === '[') inClass = true
    else if (source[i] === ']') inClass = false
    else if (source[i] === '/' && !inClass) return i + 1
  }
  return start + 1
}
