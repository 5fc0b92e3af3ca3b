import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'

const program = fileURLToPath(new URL('../../scripts/check-layers.mjs', import.meta.url))

/** Runs the check on a tree that has these sources in src/. */
function check(sources: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), 'trefoil-layers-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const leaves = { 'errors.ts': '', 'bytes.ts': '', 'crypto/provider.ts': '', 'tls/index.ts': '', 'node/index.ts': '' }
  for (const [path, text] of Object.entries({ ...leaves, ...sources })) {
    mkdirSync(dirname(join(folder, 'src', path)), { recursive: true })
    writeFileSync(join(folder, 'src', path), text)
  }
  const { status, stderr } = spawnSync(process.execPath, [program, folder], { encoding: 'utf8' })
  return { status, problems: stderr.split('\n').filter((line) => line !== '') }
}

describe('the layer check', () => {
  it('accepts imports that run down the layers', () => {
    const result = check({
      'cli/main.ts': "import { a } from '../node/index.js'\nimport fs from 'node:fs'\n",
      'node/index.ts': "import net from 'node:net'\nexport * from '../tls/index.js'\n",
      'tls/index.ts': "import type { P } from '../crypto/provider.js'\nimport { x } from '@noble/hashes'\n",
      'crypto/provider.ts': "import { concat } from '../bytes.js'\n",
      'rndl/adversary/open.ts': "import c from 'node:crypto'\nimport { toHex } from '../../bytes.js'\n",
      'rndl/index.ts': "import { connect } from '../node/index.js'\nimport { open } from './adversary/open.js'\n",
      'index.ts': "export * from './node/index.js'\n",
    })
    expect(result).toEqual({ status: 0, problems: [] })
  })

  const refused: [rule: string, path: string, text: string, problem: RegExp][] = [
    [
      'crypto imports no layer',
      'crypto/a.ts',
      "import '../tls/index.js'\n",
      /^src\/crypto\/a\.ts:1: crypto must not import tls/,
    ],
    ['a type counts', 'tls/a.ts', "\nimport type { A } from '../node/index.js'\n", /^src\/tls\/a\.ts:2: tls must not/],
    [
      'a re-export counts',
      'qkd/a.ts',
      "export {\n  b,\n} from '../tls/index.js'\n",
      /^src\/qkd\/a\.ts:3: qkd must not import tls/,
    ],
    ['a dynamic import counts', 'pki/a.ts', "const t = await import('../tls/index.js')\n", /pki must not import tls/],
    ['an import type counts', 'pki/a.ts', "type T = import('../tls/index.js').T\n", /pki must not import tls/],
    [
      'a leaf imports only leaves',
      'bytes.ts',
      "import type { P } from './crypto/provider.js'\n",
      /leaf must not import crypto/,
    ],
    [
      'the adversary shares no code with the core',
      'rndl/adversary/a.ts',
      "import '../../crypto/provider.js'\n",
      /adversary must not/,
    ],
    ['nobody imports the command line', 'node/a.ts', "import '../cli/main.js'\n", /not a source in src/],
    ['a source stands in a layer', 'other/a.ts', "import '../bytes.js'\n", /stands in no layer/],
    [
      'the core loads no built-in',
      'tls/a.ts',
      "import { randomBytes } from 'node:crypto'\n",
      /node:crypto in a source that must/,
    ],
    [
      'nor one without its prefix',
      'crypto/noble/a.ts',
      "import fs from 'fs'\n",
      /fs in a source that must run without/,
    ],
    ['a computed import is refused', 'node/a.ts', 'await import(name)\n', /a computed import cannot be checked/],
    [
      'a slash or a quote in the text above hides nothing',
      'tls/a.ts',
      "const r = /['\"]/ // it's\nconst s = `'{1 / 2}`\nimport '../node/index.js'\n",
      /^src\/tls\/a\.ts:3: tls must not import node/,
    ],
  ]
  it.each(refused)('%s', (_rule, path, text, problem) => {
    const result = check({ [path]: text })
    expect(result.status).toBe(1)
    expect(result.problems).toEqual([expect.stringMatching(problem)])
  })

  it('takes an import in a comment or a string for text', () => {
    const text =
      "// import '../node/index.js'\n/** from '../node/index.js' */\nconst s = \"import x from 'y'\"\nconst t = `from '../node/index.js'`\n"
    expect(check({ 'tls/a.ts': text })).toEqual({ status: 0, problems: [] })
  })

  it('finds a built-in that the core loads by way of another source, and its route', () => {
    const result = check({
      'crypto/index.ts': "export * from './node/index.js'\n",
      'crypto/node/index.ts': "import crypto from 'node:crypto'\n",
      'tls/a.ts': "import { p } from '../crypto/index.js'\n",
      'tls/b.ts': "import type { p } from '../crypto/index.js'\n",
    })
    expect(result.problems).toEqual([
      'src/tls/a.ts: must run without Node, but loads crypto/index.ts, which loads crypto/node/index.ts',
    ])
  })

  it('finds a circle of sources once, and lets types refer to one another', () => {
    const circle = check({
      'tls/a.ts': "import { b } from './b.js'\n",
      'tls/b.ts': "import { c } from './c.js'\n",
      'tls/c.ts': "export { a } from './a.js'\n",
    })
    expect(circle.problems).toEqual(['circle of imports: tls/a.ts → tls/b.ts → tls/c.ts → tls/a.ts'])
    const types = check({ 'tls/a.ts': "import { b } from './b.js'\n", 'tls/b.ts': "import type { A } from './a.js'\n" })
    expect(types.status).toBe(0)
  })
})
