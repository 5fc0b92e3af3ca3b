import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'

const program = fileURLToPath(new URL('../../scripts/check-package.mjs', import.meta.url))

/** Runs the check on a small package without dependencies, some of whose files are replaced (or left out: null). */
function check(replaced: Record<string, string | null> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'trefoil-package-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const manifest = {
    name: 'trefoil',
    version: '1.0.0',
    type: 'module',
    exports: {
      '.': { types: './dist/index.d.ts', default: './dist/index.js' },
      './tls': { types: './dist/tls.d.ts', default: './dist/tls.js' },
    },
    bin: { trefoil: './dist/main.js' },
    files: ['dist'],
  }
  const files = {
    'package.json': JSON.stringify(manifest),
    'README.md': '',
    LICENSE: '',
    'dist/index.js': 'export const a = 1\n',
    'dist/index.d.ts': "import type { Duplex } from 'node:stream'\nexport declare const a: Duplex\n",
    'dist/tls.js': 'export const b = 1\n',
    'dist/tls.d.ts': 'export declare const b: number\n',
    'dist/main.js': "#!/usr/bin/env node\nconsole.log('Usage: trefoil')\n",
    ...replaced,
  }
  for (const [path, text] of Object.entries(files)) {
    if (text === null) continue
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text, { mode: 0o755 })
  }
  const { status, stderr, stdout } = spawnSync(process.execPath, [program, folder], { encoding: 'utf8' })
  return { status, stderr, stdout }
}

describe('the package check', () => {
  it('accepts a package whose subpaths, types and command work once it is installed', () => {
    expect(check()).toEqual({ status: 0, stderr: '', stdout: 'package: 2 subpaths hold\n' })
  })

  it('names everything that is wrong with a package at once', () => {
    const result = check({
      'dist/tls.js': null,
      'dist/tls.d.ts': null,
      'dist/index.d.ts': 'export declare const a: Missing\n',
      'dist/main.js': '#!/usr/bin/env node\nprocess.exit(3)\n',
      'dist/extra.ts': '',
      LICENSE: null,
    })
    expect(result.status).toBe(1)
    for (const problem of [
      /^importing every subpath .* failed:$/m,
      /ERR_MODULE_NOT_FOUND/,
      /^the types do not hold in a strict project:$/m,
      /TS2304: Cannot find name 'Missing'/,
      /TS2307: Cannot find module 'trefoil\/tls'/,
      /^npx trefoil --help ended with 3:$/m,
      /^the package holds dist\/extra\.ts$/m,
      /^the package lacks LICENSE$/m,
    ]) {
      expect(result.stderr).toMatch(problem)
    }
  })
})
