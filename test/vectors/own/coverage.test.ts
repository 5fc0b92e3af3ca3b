/** What the published set has to have, said apart from the script that makes it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CLASSICAL_GROUPS, DEFAULT_CIPHER_SUITES, HYBRID_GROUPS, MLDSA_SCHEMES } from '../../../src/crypto/index.js'
import type { Trace } from '../../../src/vectors/own/trace.js'
import { folder, traceFiles } from './files.js'

const MODES = [
  ...['certificate-qkd', 'certificate', 'psk-qkd', 'psk', 'qkd', 'raw-psk', 'raw-psk-certificate', 'callers-context'],
  ...['mutual', 'raw-public-keys'],
]
const MAIN = ['certificate-qkd', 'psk-qkd']
const GROUPS = [...HYBRID_GROUPS, ...CLASSICAL_GROUPS]

const byMode = new Map(traceFiles().map(({ name, document }) => [name.replace('.json', ''), document]))
const tracesOf = (mode: string): readonly Trace[] => byMode.get(mode)?.traces ?? []
const all = [...byMode.values()].flatMap(({ traces }) => traces)
const value = (name: string) => (trace: Trace) => trace.values[name]
const retries = ({ messages }: Trace) => messages.filter(({ type }) => type === 'ClientHello').length > 1
const withCookie = (trace: Trace) => retries(trace) && trace.inputs.server.cookieKey !== undefined
const kinds = (trace: Trace) => trace.inputs.client.psks.map((psk) => (psk.type === 'imported' ? psk.kind : psk.type))

describe('the published traces', () => {
  it('are as many in each file as the README says', () => {
    const rows = readFileSync(join(folder, 'README.md'), 'utf8').matchAll(/^\| (\S+)\.json \| (\d+) \|/gm)
    const counts = [...byMode].map(([name, { traces }]) => [name, traces.length] as const)
    expect(new Map([...rows].map(([, name, count]) => [name, Number(count)]))).toEqual(new Map(counts))
  })

  it.each(MODES)('have each suite and each group in mode %s', (mode) => {
    expect(new Set(tracesOf(mode).map(value('cipherSuite')))).toEqual(new Set(DEFAULT_CIPHER_SUITES))
    expect(new Set(tracesOf(mode).map(value('group')))).toEqual(new Set(GROUPS))
  })

  it.each(MAIN)('have each hybrid group with each suite in mode %s', (mode) => {
    const pairs = tracesOf(mode).map(({ values }) => `${values['group']} ${values['cipherSuite']}`)
    const wanted = HYBRID_GROUPS.flatMap((group) => DEFAULT_CIPHER_SUITES.map((suite) => `${group} ${suite}`))
    expect(wanted.filter((pair) => !pairs.includes(pair))).toEqual([])
  })

  it.each(['certificate-qkd', 'certificate', 'mutual'])('have each level of ML-DSA in mode %s', (mode) => {
    const schemes = Object.values(byMode.get(mode)?.identities ?? {}).map(({ algorithm }) => algorithm)
    expect(new Set(schemes)).toEqual(new Set(MLDSA_SCHEMES))
  })

  it('have retries with and without a cookie, for another group and for the cookie alone', () => {
    const completed = all.filter(({ result }) => result.ok)
    expect(MODES.filter((mode) => mode !== 'mutual' && mode !== 'raw-public-keys')).toEqual(
      MODES.filter((mode) => tracesOf(mode).some(withCookie)),
    )
    expect(completed.some((trace) => retries(trace) && !withCookie(trace))).toBe(true)
    expect(completed.some(({ inputs }) => inputs.server.alwaysRetry === true)).toBe(true)
  })

  it('have every kind of PSK, sessions that are resumed for both hashes, and KeyUpdates of both ends', () => {
    expect(new Set(all.flatMap(kinds))).toEqual(new Set(['psk', 'qkd', 'psk+qkd', undefined, 'external', 'resumption']))
    const resumed = all.filter(({ resumes }) => resumes !== undefined)
    expect(new Set(resumed.map(value('hash')))).toEqual(new Set(['SHA-256', 'SHA-384']))
    expect(resumed.some(retries)).toBe(true)
    const epochs = all.flatMap(({ flow }) => flow.map(({ from, epoch }) => `${from} ${epoch}`))
    expect(epochs).toEqual(
      expect.arrayContaining(['client application1', 'server application1', 'server application2']),
    )
  })

  it('have refusals by both ends, each with another name', () => {
    const refused = tracesOf('refusals').map(({ result }) => (result.ok ? '' : `${result.refusedBy} ${result.error}`))
    expect(refused).not.toContain('')
    expect(refused.length).toBeGreaterThan(70)
    expect(new Set(refused).size).toBeGreaterThan(25)
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
  })
})
