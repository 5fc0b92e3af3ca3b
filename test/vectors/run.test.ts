/** What a run finds, skips and reports, whatever it is given. */
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nobleProvider, nodeProvider } from '../../src/crypto/index.js'
import {
  differenceOf,
  recogniseVectors,
  runVectorDocument,
  runVectors,
  type VectorRun,
  vectorFormats,
  vectorsHold,
} from '../../src/vectors/index.js'
import { folderOfFile } from '../support/endOfFile.js'
import { refusal } from '../support/refusal.js'

/** RFC 5869 appendix A.1. */
const HKDF = {
  tests: [
    {
      tcId: 1,
      hash: 'SHA-256',
      IKM: '0b'.repeat(22),
      salt: '000102030405060708090a0b0c',
      info: 'f0f1f2f3f4f5f6f7f8f9',
      L: 42,
      PRK: '077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5',
      OKM: '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
    },
  ],
}
const [HKDF_CASE] = HKDF.tests
const spoilt = { tests: [{ ...HKDF_CASE, OKM: `ff${HKDF_CASE?.OKM.slice(2)}` }] }

const top = folderOfFile('trefoil-vectors-test-')
function put(name: string, content: unknown): string {
  const path = join(top(), name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}
const countsOf = ({ passed, failed, skipped }: VectorRun) => ({ passed, failed, skipped })

describe('a run of vectors', () => {
  it('walks folders in the order of their names, leaves hidden files out, follows links to files, and reads a file once', async () => {
    for (const name of ['walk/b.json', 'walk/a/z.json', 'walk/.hidden.json', 'walk/.git/x.json']) put(name, HKDF)
    const folder = join(top(), 'walk')
    symlinkSync(join(folder, 'b.json'), join(folder, 'c.json'))
    symlinkSync(folder, join(folder, 'a', 'again'))
    const report = await runVectors([folder, join(folder, 'b.json')], { providers: [nobleProvider] })
    expect(report.runs.map(({ path }) => path.slice(folder.length + 1))).toEqual(['a/z.json', 'b.json', 'c.json'])
    expect({ ...report, runs: [] }).toEqual({
      files: 3,
      passed: 3,
      failed: 0,
      skipped: 0,
      runs: [],
      withoutVectors: [],
    })
    expect(vectorsHold(report)).toBe(true)
  })

  it('takes each provider in turn, and tells of each as soon as it is done', async () => {
    const seen: string[] = []
    const path = put('each.json', HKDF)
    await runVectors([path], { onRun: ({ provider, passed }) => seen.push(`${provider} ${passed}`) })
    expect(seen).toEqual(['noble 1', 'node 1'])
  })

  it('goes by what is in a file, not by its name', async () => {
    const report = await runVectors([put('ML-KEM-keyGen.pem', HKDF)], { providers: [nodeProvider] })
    expect(report.runs.map(({ format }) => format)).toEqual(['RFC 5869 HKDF'])
  })

  it('runs a file that holds two kinds of vector for both', async () => {
    const imports = { epsk: 'aa', externalIdentity: 'bb', ipskx: 'cc' }
    const [run] = await runVectorDocument({ ...HKDF, cases: [], vectors: [], testGroups: [], imports: [imports] }, 'x')
    expect(run?.format).toBe('RFC 5869 HKDF')
    const both = { ...spoilt, functionTests: [{ scalar: '01', u: '02', output: '03' }] }
    const runs = await runVectorDocument(both, 'x', { providers: [nodeProvider] })
    expect(runs.map(({ format, failed }) => [format, failed])).toEqual([['RFC 5869 HKDF and RFC 7748 X25519', 2]])
  })

  it('says of a failure what differs, and from which octet on', async () => {
    const [run] = await runVectorDocument(spoilt, 'x', { providers: [nobleProvider] })
    const [failure] = run?.failures ?? []
    expect(failure).toEqual({
      case: 'tcId 1',
      message: 'OKM differs',
      expected: spoilt.tests[0]?.OKM,
      actual: HKDF_CASE?.OKM,
    })
    expect(failure && differenceOf(failure)).toMatchObject({ at: 0, unit: 'octet' })
    const late = { case: null, message: '', expected: `${'00'.repeat(100)}01`, actual: `${'00'.repeat(100)}02` }
    expect(differenceOf(late)).toEqual({
      at: 100,
      unit: 'octet',
      expected: `…${'00'.repeat(8)}01`,
      actual: `…${'00'.repeat(8)}02`,
    })
    expect(differenceOf({ case: null, message: '', expected: '{"a":1}', actual: '{"a":2}' })).toMatchObject({
      at: 5,
      unit: 'character',
    })
  })

  it.each([
    ['a field that is missing', { tests: [{ ...HKDF_CASE, info: undefined }] }, 'the field info is missing'],
    ['a field that is no hex', { tests: [{ ...HKDF_CASE, PRK: 'zz' }] }, 'not a string of hex octets'],
    ['a field that is no number', { tests: [{ ...HKDF_CASE, L: 'much' }] }, 'the field L is no whole number'],
    ['a field of another type', { tests: [{ ...HKDF_CASE, IKM: 7 }] }, 'the field IKM is no text'],
  ])('counts a case with %s as failed', async (_, document, message) => {
    const runs = await runVectorDocument(document, 'x')
    expect(runs.map(countsOf)).toEqual([
      { passed: 0, failed: 1, skipped: 0 },
      { passed: 0, failed: 1, skipped: 0 },
    ])
    expect(runs[0]?.failures[0]?.message).toBe(message)
  })

  it('passes over fields that it does not know, and takes hex in either case', async () => {
    const [test] = HKDF.tests
    const document = { note: 'x', tests: [{ ...test, comment: 'y', extra: [1], PRK: test?.PRK.toUpperCase() }] }
    expect((await runVectorDocument(document, 'x')).map(countsOf)).toEqual([
      { passed: 1, failed: 0, skipped: 0 },
      { passed: 1, failed: 0, skipped: 0 },
    ])
  })

  it.each([
    ['JSON that is cut off', '{"tests": [', /^the file is no JSON: /],
    ['PEM that is cut off', '-----BEGIN CERTIFICATE-----\nMAA=\n', /has no END line/],
  ])('fails a file of %s', async (name, content, message) => {
    const report = await runVectors([put(`${name}.txt`, content)])
    expect([report.failed, report.withoutVectors]).toEqual([1, []])
    expect(report.runs[0]?.failures).toEqual([{ case: null, message: expect.stringMatching(message) }])
  })

  it('reads no file of more than 64 MiB', async () => {
    const path = put('large.json', '{')
    truncateSync(path, 64 * 1024 * 1024 + 1)
    const { runs } = await runVectors([path])
    expect(runs[0]?.failures[0]?.message).toMatch(/^the file has 67108865 octets, more than/)
  })

  it.each([
    ['text', 'some words', 'neither JSON nor PEM'],
    ['JSON of another kind', { a: 1 }, 'of no kind that is known'],
    ['ACVP for something else', { algorithm: 'ACVP-AES-GCM', testGroups: [] }, 'of no kind that is known (algorithm'],
    ['no cases', { tests: [] }, 'of no kind that is known'],
    ['groups without cases', { algorithm: 'ML-KEM', mode: 'keyGen', testGroups: [] }, 'the file holds no cases'],
  ])('skips a file of %s with the reason, and a path of nothing else does not hold', async (name, content, reason) => {
    const path = put(`unknown/${name}`, content)
    const report = await runVectors([path, put('known.json', HKDF)])
    expect(report.runs[0]).toMatchObject({ provider: null, passed: 0, failed: 0, skipped: 1 })
    expect(report.runs[0]?.skips[0]?.reason).toContain(reason)
    expect(report.withoutVectors).toEqual([{ path, reason: expect.stringContaining(reason), missing: false }])
    expect(vectorsHold(report)).toBe(false)
  })

  it('does not hold where all cases were skipped', async () => {
    const sha1 = { tests: [{ ...HKDF_CASE, hash: 'SHA-1' }] }
    const report = await runVectors([put('sha1.json', sha1)])
    expect(report).toMatchObject({ passed: 0, failed: 0, skipped: 2 })
    expect(report.withoutVectors[0]?.reason).toBe('nothing could be run: SHA-1, which no cipher suite of TLS 1.3 has')
  })

  it('finds nothing where there is nothing, and wants a path', async () => {
    mkdirSync(join(top(), 'empty'))
    const { withoutVectors } = await runVectors([join(top(), 'nowhere'), join(top(), 'empty')])
    expect(withoutVectors.map(({ missing }) => missing)).toEqual([true, false])
    await expect(runVectors([])).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' })
  })

  it('ends between two cases when it is aborted', async () => {
    const signal = AbortSignal.abort()
    await expect(runVectorDocument(HKDF, 'x', { signal })).rejects.toMatchObject({ code: 'ERR_ABORTED' })
  })
})

/** Words that formats look for, so that garbage comes near to what they know. */
const NAMES = [
  'algorithm',
  'mode',
  'testGroups',
  'tests',
  'type',
  'traces',
  'values',
  'flow',
  'seed',
  'pk',
  'ct',
  'ss',
  'cases',
]
const VALUES = [
  'ML-KEM',
  'keyGen',
  'ML-DSA',
  'sigVer',
  'MLKEMTest',
  'AeadTest',
  'AES-GCM',
  'valid',
  '00ff',
  'client',
  'qkd',
]

const GROUP = {
  parameterSet: 'ML-KEM-768',
  function: 'encapsulation',
  hmacAlg: 'SHA2-256',
  signatureInterface: 'external',
}
const ACVP = [
  ['ML-KEM', 'keyGen'],
  ['ML-KEM', 'encapDecap'],
  ['ML-DSA', 'keyGen'],
  ['ML-DSA', 'sigGen'],
  ['ML-DSA', 'sigVer'],
  ['TLS-v1.3', 'KDF'],
] as const
const WYCHEPROOF = [
  ['ML-KEM', 'MLKEMTest'],
  ['ML-KEM', 'MLKEMEncapsTest'],
  ['ML-DSA-44', 'MlDsaSign'],
  ['ML-DSA-44', 'MlDsaVerify'],
  ['ECDSA', 'EcdsaVerify'],
  ['EDDSA', 'EddsaVerify'],
  ['AES-GCM', 'AeadTest'],
  ['HMACSHA256', 'MacTest'],
  ['HKDF-SHA-256', 'HkdfTest'],
  ['XDH', 'XdhComp'],
] as const
const FIELDS = [
  'tcId',
  'result',
  'd',
  'z',
  'ek',
  'm',
  'c',
  'k',
  'K',
  'seed',
  'pk',
  'sk',
  'msg',
  'sig',
  'key',
  'iv',
  'tag',
  'ct',
  'publicKey',
]

describe('any JSON at all', () => {
  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      fc.constantFrom<unknown>(...VALUES, null, true, 7),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...NAMES, 'tcId', 'result', 'kind', 'epsk'), tie('value'), { maxKeys: 6 }),
    ),
  })).value

  it('is recognised or not, and run without an error of ours', async () => {
    await fc.assert(
      fc.asyncProperty(json, async (document) => {
        for (const run of await runVectorDocument(document, 'x')) expect(run.passed).toBe(0)
      }),
      { numRuns: 300 },
    )
  })

  it('in the place of cases is skipped, or failed with a word', async () => {
    const frames: readonly ((cases: unknown) => unknown)[] = [
      ...ACVP.map(([algorithm, mode]) => (tests: unknown) => ({ algorithm, mode, testGroups: [{ ...GROUP, tests }] })),
      ...WYCHEPROOF.map(([algorithm, type]) => (tests: unknown) => ({ algorithm, testGroups: [{ type, tests }] })),
      (flow) => ({
        traces: [{ values: { cipherSuite: 'x', hash: 'SHA-256' }, flow: [{ from: 1, record: 2, payload: 3 }, flow] }],
      }),
    ]
    const cases = fc.array(fc.dictionary(fc.constantFrom(...FIELDS), json, { maxKeys: 8 }), {
      minLength: 1,
      maxLength: 2,
    })
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...frames), cases, async (frame, tests) => {
        for (const run of await runVectorDocument(frame(tests), 'x')) {
          expect(run.format).not.toBeNull()
          for (const { message } of run.failures) expect(message).not.toBe('')
        }
      }),
      { numRuns: 500 },
    )
  })

  it('is recognised by no format where it has no known parts', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => recogniseVectors(value).length === 0))
    expect(new Set(vectorFormats.map(({ name }) => name)).size).toBe(vectorFormats.length)
    expect(refusal(() => recogniseVectors(undefined))).toBeNull()
  })
})
