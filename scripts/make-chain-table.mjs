// Fills docs/certificate-chains.md from the table of chains in test/pki/chains.
// Usage: make-chain-table.mjs [--record] [--check]
//   --record  asks OpenSSL 3.5 (Node 26 of test/peers) about every chain anew
//   --check   writes nothing, and a difference is exit code 1
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runnerImport } from 'vite'
import { root } from './lib/run.mjs'

const folder = join(root, 'test/pki/chains')
const document = join(root, 'docs/certificate-chains.md')
const check = process.argv.includes('--check')

const { ROWS, fingerprint, recordedVerdicts, renderTable } = await load('table.ts')
if (process.argv.includes('--record')) {
  const { askOpenssl } = await load('askOpenssl.ts')
  const verdicts = await askOpenssl(ROWS)
  writeFileSync(join(folder, 'openssl.json'), `${JSON.stringify(verdicts, null, 2)}\n`)
}
const before = readFileSync(document, 'utf8')
const after = fill(fill(before, 'chains', renderTable(recordedVerdicts())), 'fingerprint', `\`${fingerprint()}\`\n`)
if (after !== before && check) {
  console.error('docs/certificate-chains.md is not what the table says: run scripts/make-chain-table.mjs')
  process.exitCode = 1
} else if (after !== before) {
  writeFileSync(document, after)
}

async function load(file) {
  const { module } = await runnerImport(join(folder, file))
  return module
}

function fill(text, name, content) {
  const start = `<!-- ${name} -->\n`
  const at = text.indexOf(start) + start.length
  const end = text.indexOf('<!-- end -->', at)
  if (at < start.length || end < 0) throw new Error(`the document has no section ${name}`)
  return text.slice(0, at) + content + text.slice(end)
}
