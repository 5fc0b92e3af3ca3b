/**
 * The table of good and bad chains: what is expected of each, and what OpenSSL 3.5 was seen to say. `docs/certificate-chains.md`
 * is made from it by `scripts/make-chain-table.mjs`, and `openssl.json` beside it from a run of Node 26.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { concat, utf8 } from '../../../src/bytes.js'
import { alertFor } from '../../../src/errors.js'
import { CHAIN_RULES } from '../../../src/pki/index.js'
import { octets, type Row } from './row.js'
import { ALGORITHMS } from './rows/algorithms.js'
import { ENCODINGS } from './rows/encodings.js'
import { NAMES } from './rows/names.js'
import { PATHS } from './rows/paths.js'
import { USAGES } from './rows/usages.js'

const GROUPS: readonly (readonly [string, readonly Row[]])[] = [
  ['Paths and times', PATHS],
  ['Names', NAMES],
  ['Usage', USAGES],
  ['Algorithms and signatures', ALGORITHMS],
  ['Encoding', ENCODINGS],
]

export const ROWS: readonly Row[] = GROUPS.flatMap(([, rows]) => rows)

export const ACCEPTS = 'accepts'

/** By row: `accepts`, or the code of Node's error. */
export function recordedVerdicts(): Readonly<Record<string, string>> {
  return JSON.parse(readFileSync(new URL('./openssl.json', import.meta.url), 'utf8')) as Record<string, string>
}

/** The tables in Markdown. */
export function renderTable(verdicts: Readonly<Record<string, string>>): string {
  const sections = GROUPS.map(([title, rows]) =>
    [
      `## ${title}`,
      '',
      '| chain | what it is | Trefoil | rule | alert | OpenSSL 3.5 |',
      '|---|---|---|---|---|---|',
      ...rows.map((row) => renderRow(row, verdicts[row.name] ?? 'not asked')),
      '',
    ].join('\n'),
  )
  const differences = ROWS.filter(({ difference }) => difference !== null)
  const explained = differences.map(({ name, difference }) => `- **${name}**: ${difference}.`)
  return [...sections, '## Where OpenSSL says otherwise', '', ...explained, ''].join('\n')
}

/** One line over all octets of all chains and stores: it changes when any certificate of the table does. */
export function fingerprint(): string {
  const hash = createHash('sha256')
  for (const row of ROWS) {
    const { chain, anchors } = row.made()
    for (const part of [utf8(row.name), ...chain.map(octets), ...anchors.map(octets)]) {
      const length = new Uint8Array(4)
      new DataView(length.buffer).setUint32(0, part.length)
      hash.update(concat(length, part))
    }
  }
  return hash.digest('hex')
}

function renderRow({ name, about, expected, policy, usage, difference }: Row, verdict: string): string {
  const setting = [
    ...(policy === 'strict' ? [] : [`policy: ${policy}`]),
    ...(usage === 'client' ? ['of a client'] : []),
  ]
  const what = setting.length === 0 ? about : `${about} (${setting.join(', ')})`
  const ours =
    expected === null
      ? ['accepts', '–', '–']
      : [expected.code, `${expected.rule} (${CHAIN_RULES[expected.rule]})`, alertFor(expected.code) ?? '–']
  const theirs = difference === null ? verdict : `${verdict} ¹`
  return `| ${[name, what, ...ours, theirs].join(' | ')} |`
}
