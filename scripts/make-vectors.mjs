// Makes the handshakes of vectors/, each from seeds that are derived of its name. Build first.
// Usage: make-vectors.mjs [--check]: with --check nothing is written, and a difference is exit code 1.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './lib/run.mjs'
import { vectorFiles } from './lib/vectors/files.mjs'
import { identitiesFor } from './lib/vectors/identities.mjs'
import { makeTrace } from './lib/vectors/play.mjs'
import { format } from './lib/vectors/write.mjs'

/** Not made here, or not vectors. */
const OTHERS = ['importer.json', 'schema.json']

const check = process.argv.includes('--check')
const folder = join(root, 'vectors')
const files = vectorFiles()

for (const [name, title, definitions] of files) update(`${name}.json`, `${format(makeFile(title, definitions))}\n`)

const known = [...files.map(([name]) => `${name}.json`), ...OTHERS]
for (const stray of readdirSync(folder).filter((name) => name.endsWith('.json') && !known.includes(name))) {
  complain(`vectors/${stray} is not made by scripts/make-vectors.mjs`)
}

function makeFile(title, definitions) {
  const traces = []
  for (const { fill, ...definition } of definitions) {
    fill?.(traces)
    traces.push(makeTrace(definition))
  }
  return { format: 'trefoil handshakes 1', title, licence: 'MIT', identities: identitiesFor(traces), traces }
}

function update(name, text) {
  const file = join(folder, name)
  if (readOr(file, '') === text) return
  if (check) complain(`vectors/${name} is not what the code makes: run scripts/make-vectors.mjs`)
  else writeFileSync(file, text)
}

function complain(sentence) {
  console.error(sentence)
  process.exitCode = 1
}

function readOr(file, otherwise) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return otherwise
  }
}
