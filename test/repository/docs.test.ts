import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'

const program = fileURLToPath(new URL('../../scripts/check-docs.mjs', import.meta.url))

/** Runs the check on a small built package with these documents. */
function check(documents: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), 'trefoil-docs-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const manifest = {
    name: 'trefoil',
    type: 'module',
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
    bin: { trefoil: './dist/main.js' },
  }
  const files = {
    'package.json': JSON.stringify(manifest),
    'dist/index.d.ts': 'export declare function connect(port: number): void\n',
    'dist/index.js': 'export function connect() {}\n',
    'dist/main.js': '#!/bin/sh\necho "trefoil $*"\n',
    ...documents,
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text, { mode: 0o755 })
  }
  spawnSync('git', ['init', '-q', folder])
  const { status, stderr, stdout } = spawnSync(process.execPath, [program, folder], { encoding: 'utf8' })
  return { status, stderr, stdout }
}

const fenced = (info: string, ...lines: string[]) => `\`\`\`${info}\n${lines.join('\n')}\n\`\`\`\n`

describe('the documentation check', () => {
  it('accepts modules that compile, commands that succeed and links that lead somewhere', () => {
    const result = check({
      'README.md': [
        '# Title\n[a](docs/a.md#two-words) [b](#title) [c](https://example.com/x) `[not](a-link.md)`\n',
        fenced('ts', "import { connect } from 'trefoil'", 'const port: number = process.pid', 'connect(port)'),
        fenced('sh run', 'trefoil hello > out'),
        fenced('sh run', 'grep "trefoil hello" out'),
        fenced('sh run here', 'test -f docs/a.md'),
        fenced('sh', 'false'),
      ].join('\n'),
      'docs/a.md': '## Two `words`\n[up](../README.md)\n',
    })
    expect(result).toEqual({ status: 0, stderr: '', stdout: 'docs: 2 documents, 0 problems\n' })
  })

  it('names the line of the document where a module does not compile', () => {
    const text = `# T\n\n${fenced('ts', "import { connect } from 'trefoil'", "connect('80')")}`
    const result = check({ 'a.md': '', 'README.md': text })
    expect(result.status).toBe(1)
    expect(result.stderr).toMatch(/^README\.md:5: error TS2345/)
  })

  it('refuses a name that the package does not export', () => {
    expect(check({ 'README.md': fenced('ts', "import { listen } from 'trefoil'") }).stderr).toMatch(
      /README\.md:2: error/,
    )
  })

  it('names a command that fails, with what it printed', () => {
    const result = check({ 'README.md': fenced('sh run', 'echo oh | tee', 'trefoil x | grep y') })
    expect(result.status).toBe(1)
    expect(result.stderr).toBe('README.md:2: the commands ended with 1:\noh\n')
  })

  it.each([
    ['a file that is not there', '[x](b.md)', /a\.md:1: nothing stands at b\.md/],
    ['a file outside of the repository', '[x](../../etc)', /a\.md:1: nothing stands at/],
    ['a heading that is not there', '\n[x](a.md#two)\n# One\n', /a\.md:2: a\.md has no heading #two/],
    ['a reference', '[x]\n\n[x]: gone.md\n', /a\.md:3: nothing stands at gone\.md/],
  ])('refuses a link to %s', (_what, text, problem) => {
    const result = check({ 'a.md': text })
    expect(result.status).toBe(1)
    expect(result.stderr).toMatch(problem)
  })
})
