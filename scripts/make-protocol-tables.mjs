// Fills the tables of PROTOCOL.md, and vectors/importer.json, from the code they describe. Build first.
// Usage: make-protocol-tables.mjs [--check]: with --check nothing is written, and a difference is exit code 1.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { toHex, utf8 } from '../dist/bytes.js'
import { nobleProvider } from '../dist/crypto/index.js'
import { ERROR_TABLE } from '../dist/errors.js'
import {
  CLIENT_MESSAGE_ORDER,
  combineAuthPskWithQkdKey,
  encodeImporterContext,
  importPsk,
  SERVER_MESSAGE_ORDER,
} from '../dist/tls/index.js'
import { root } from './lib/run.mjs'

const check = process.argv.includes('--check')
const vectors = importerVectors()
const sections = {
  'importer example': example(vectors.at(-1)),
  'client states': stateTable('Client state', CLIENT_MESSAGE_ORDER),
  'server states': stateTable('Server state', SERVER_MESSAGE_ORDER),
  'error table': errorTable(),
}
update('vectors/importer.json', () => `${JSON.stringify(describe(vectors), null, 2)}\n`)
update('PROTOCOL.md', (text) => Object.entries(sections).reduce(fill, text))

function update(path, make) {
  const file = join(root, path)
  const before = readOr(file, '')
  const after = make(before)
  if (after === before) return
  if (!check) writeFileSync(file, after)
  else {
    console.error(`${path} is not what the code says: run scripts/make-protocol-tables.mjs`)
    process.exitCode = 1
  }
}

function fill(text, [name, content]) {
  const start = `<!-- ${name} -->\n`
  const at = text.indexOf(start) + start.length
  const end = text.indexOf('<!-- end -->', at)
  if (at < start.length || end < 0) throw new Error(`PROTOCOL.md has no section ${name}`)
  return text.slice(0, at) + content + text.slice(end)
}

function stateTable(title, order) {
  const rows = Object.entries(order).flatMap(([state, messages]) =>
    Object.entries(messages).map(([message, next]) => `| ${state} | ${message} | ${next.join(', ')} |`),
  )
  return [`| ${title} | message | next |`, '|---|---|---|', ...rows, ''].join('\n')
}

function errorTable() {
  const rows = Object.entries(ERROR_TABLE).map(([code, { blame, alert }]) => `| ${code} | ${blame} | ${alert ?? '–'} |`)
  return ['| code | to blame | alert |', '|---|---|---|', ...rows, ''].join('\n')
}

function importerVectors() {
  const authPsk = Uint8Array.from({ length: 32 }, (_, i) => i)
  const qkdKey = Uint8Array.from({ length: 32 }, (_, i) => 0xff - i)
  const keyId = '3f1e8a52-7c0b-4d7e-9a55-0d3c5b1f6e21'
  const link = { keySourceName: 'etsi014', initiatorSaeId: 'sae-alice', responderSaeId: 'sae-bob' }
  const none = { keySourceName: '', initiatorSaeId: '', responderSaeId: '' }
  const kinds = [
    { kind: 'psk', ends: none, authPskIdentity: 'branch-17', externalIdentity: 'branch-17' },
    {
      kind: 'psk',
      ends: { keySourceName: '', initiatorSaeId: 'branch-17.example', responderSaeId: 'hq.example' },
      authPskIdentity: 'branch-17',
      externalIdentity: 'branch-17',
    },
    { kind: 'qkd', ends: link, authPskIdentity: '', externalIdentity: keyId },
    { kind: 'psk+qkd', ends: link, authPskIdentity: 'branch-17', externalIdentity: keyId },
  ]
  return kinds.flatMap(({ kind, ends, authPskIdentity, externalIdentity }) =>
    ['SHA-256', 'SHA-384'].flatMap((hash) => {
      const epsk =
        kind === 'psk'
          ? authPsk
          : kind === 'qkd'
            ? qkdKey
            : combineAuthPskWithQkdKey(nobleProvider, hash, authPsk, qkdKey)
      const context = encodeImporterContext({ kind, ...ends, authPskIdentity: utf8(authPskIdentity) })
      return ['SHA-256', 'SHA-384'].map((target) => {
        const external = { identity: utf8(externalIdentity), epsk, hash, context }
        const { identity, psk } = importPsk(nobleProvider, external, target)
        return {
          kind,
          epskHash: hash,
          targetHash: target,
          ...(kind === 'qkd' ? {} : { authPsk: toHex(authPsk), authPskIdentity }),
          ...(kind === 'psk' ? {} : { qkdKey: toHex(qkdKey), keyId }),
          ...Object.fromEntries(Object.entries(ends).filter(([, name]) => name !== '')),
          epsk: toHex(epsk),
          context: toHex(context),
          importedIdentity: toHex(identity),
          psk: toHex(psk),
        }
      })
    }),
  )
}

function describe(cases) {
  return {
    what: 'From auth PSK and QKD key to the PSK of a handshake: PROTOCOL.md, RFC 9258 section 5.2. Octets in hex.',
    cases,
  }
}

function example(vector) {
  const lines = Object.entries(vector).map(([name, value]) => `${`${name}:`.padEnd(18)} ${wrap(value)}`)
  return ['```', ...lines, '```', ''].join('\n')
}

function wrap(value) {
  return value.match(/.{1,96}/g).join(`\n${' '.repeat(19)}`)
}

function readOr(file, otherwise) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return otherwise
  }
}
