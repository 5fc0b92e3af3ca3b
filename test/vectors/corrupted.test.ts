/** One bit is flipped in each field that an answer rests on, in one case of every kind of file: each time the run must fail. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { describeVectors, loadVectors } from '../support/vectors.js'
import { expectSound, failuresOf, flipAt, type Json, type JsonObject, oneCase, oneOf, placesIn } from './flip.js'

const isSet = (name: string) => (_: JsonObject, group: JsonObject) => group['parameterSet'] === name
const isFunction = (name: string, set: string) => (_: JsonObject, group: JsonObject) =>
  group['function'] === name && group['parameterSet'] === set
const isValid = (test: JsonObject) => test['result'] === 'valid'
const isInvalid = (test: JsonObject) => test['result'] === 'invalid'
const hasMessage = (test: JsonObject) => isValid(test) && typeof test['msg'] === 'string' && test['msg'] !== ''

/** What a file is, a document of one case, and the fields in it that may hold anything. */
type Row = readonly [kind: string, document: () => Json, free: readonly string[]]

const ACVP_FREE = ['isSample', 'deferred', 'deterministic', 'externalMu']
/** Groups describe their keys in several forms, of which those that are read are in the rows. */
const KEY_FREE = ['wx', 'wy', 'kid', 'x', 'd']

const ROWS: readonly Row[] = [
  ['ACVP ML-KEM keyGen', () => oneCase('acvp/ML-KEM-keyGen-FIPS203.json', isSet('ML-KEM-768')), ACVP_FREE],
  ['ACVP ML-KEM-512 keyGen', () => oneCase('acvp/ML-KEM-keyGen-FIPS203.json', isSet('ML-KEM-512')), ACVP_FREE],
  ['ACVP encapsulation', () => encapDecap('encapsulation', 'ML-KEM-1024'), ACVP_FREE],
  ['ACVP decapsulation', () => encapDecap('decapsulation', 'ML-KEM-768'), ACVP_FREE],
  ['ACVP ML-KEM-512 decapsulation', () => encapDecap('decapsulation', 'ML-KEM-512'), ACVP_FREE],
  ['ACVP ML-DSA keyGen', () => oneCase('acvp/ML-DSA-keyGen-FIPS204.json', isSet('ML-DSA-44')), ACVP_FREE],
  ['ACVP ML-DSA sigGen, external', () => sigGen('external', true), [...ACVP_FREE, 'sk']],
  ['ACVP ML-DSA sigGen, hedged', () => sigGen('external', false), [...ACVP_FREE, 'sk']],
  ['ACVP ML-DSA sigGen, internal', () => sigGen('internal', true), [...ACVP_FREE, 'sk']],
  ['ACVP ML-DSA sigVer', () => sigVer('external', true), [...ACVP_FREE, 'sk']],
  ['ACVP ML-DSA sigVer, internal', () => sigVer('internal', true), [...ACVP_FREE, 'sk']],
  [
    'ACVP TLS 1.3 KDF',
    () => oneCase('acvp/TLS-v1.3-KDF-RFC8446.json', isMode('PSK-DHE')),
    [...ACVP_FREE, 'testPassed'],
  ],
  ['Wycheproof ML-KEM', () => oneCase('wycheproof/mlkem_768_test.json', isValid), []],
  ['Wycheproof ML-KEM-512', () => oneCase('wycheproof/mlkem_512_test.json', isValid), []],
  ['Wycheproof ML-KEM encapsulation', () => oneCase('wycheproof/mlkem_768_encaps_test.json', isValid), []],
  ['Wycheproof ML-KEM keygen', () => oneCase('wycheproof/mlkem_768_keygen_seed_test.json'), []],
  ['Wycheproof expanded keys', () => oneCase('wycheproof/mlkem_768_semi_expanded_decaps_test.json', isValid), []],
  ['Wycheproof ML-DSA seeds', () => oneCase('wycheproof/mldsa_44_sign_seed_test.json', hasMessage), []],
  ['Wycheproof ML-DSA expanded keys', () => oneCase('wycheproof/mldsa_44_sign_noseed_test.json', hasMessage), []],
  ['Wycheproof ML-DSA verification', () => oneCase('wycheproof/mldsa_44_verify_test.json', hasMessage), []],
  ['Wycheproof X25519', () => oneCase('wycheproof/x25519_test.json', isValid), []],
  [
    'Wycheproof HKDF',
    () => oneCase('wycheproof/hkdf_sha384_test.json', (test) => isValid(test) && test['info'] !== ''),
    [],
  ],
  ['Wycheproof HMAC', () => oneCase('wycheproof/hmac_sha256_test.json', hasMessage), []],
  ['Wycheproof AES-GCM', () => oneCase('wycheproof/aes_gcm_test.json', hasAad), []],
  ['Wycheproof ChaCha20-Poly1305', () => oneCase('wycheproof/chacha20_poly1305_test.json', hasAad), []],
  ['Wycheproof ECDSA', () => oneCase('wycheproof/ecdsa_secp256r1_sha256_test.json', hasMessage), KEY_FREE],
  ['Wycheproof Ed25519', () => oneCase('wycheproof/ed25519_test.json', hasMessage), KEY_FREE],
  ['RFC 5869', () => oneOf('rfc/rfc5869-hkdf.json'), []],
  ['RFC 7748', () => withoutRounds(loadVectors('rfc/rfc7748-x25519.json')), []],
  ['RFC 8439', () => oneOf('rfc/rfc8439-aead.json'), []],
  ['X-Wing', () => loadVectors<Json[]>('hybrid/xwing-draft.json').slice(0, 1), []],
  ['hybrid KEM of the CFRG', () => loadVectors<Json[]>('hybrid/cfrg-MLKEM768-X25519.json').slice(0, 1), []],
  ['RFC 9258 import', () => oneOf('psk/rfc9258-import-botan.json'), []],
]

describeVectors('a spoilt known answer', () => {
  it.each(ROWS)('fails wherever the bit is: %s', async (_, make, free) => {
    const document = make()
    await expectSound(document)
    const places = placesIn(document).filter((place) => !free.includes(String(place.at(-1))))
    expect(places.length).toBeGreaterThan(1)
    const unnoticed: string[] = []
    for (const place of places) {
      if ((await failuresOf(flipAt(document, place))).length === 0) unnoticed.push(place.join('.'))
    }
    expect(unnoticed).toEqual([])
  })

  it.each([
    ['ACVP encapsulation key', () => encapDecap('encapsulationKeyCheck', 'ML-KEM-768')],
    ['ACVP decapsulation key', () => encapDecap('decapsulationKeyCheck', 'ML-KEM-1024')],
    ['ACVP ML-DSA signature', () => sigVer('external', false)],
  ])('fails when the verdict is turned round: %s', async (_, make) => {
    const document = make()
    await expectSound(document)
    const [place] = placesIn(document).filter((candidate) => candidate.at(-1) === 'testPassed')
    expect(await failuresOf(flipAt(document, place ?? []))).toEqual([expect.stringContaining('must not be')])
  })

  it.each([
    'aes_gcm',
    'chacha20_poly1305',
    'ecdsa_secp256r1_sha256',
    'ed25519',
    'hmac_sha256',
    'hkdf_sha256',
    'mldsa_44_sign_noseed',
    'mldsa_44_sign_seed',
    'mldsa_44_verify',
    'mlkem_768',
    'mlkem_768_encaps',
    'mlkem_768_semi_expanded_decaps',
  ])('fails when what is invalid is called valid, and the other way round: Wycheproof %s', async (name) => {
    const file = `wycheproof/${name}_test.json`
    for (const [fits, other] of [
      [isInvalid, 'valid'],
      [isValid, 'invalid'],
    ] as const) {
      const document = oneCase(file, fits)
      const [group] = document['testGroups'] as readonly { readonly tests: readonly JsonObject[] }[]
      const tests = group?.tests.map((test) => ({ ...test, result: other }))
      // One that our interface cannot take is skipped, whatever it is called.
      if (name === 'aes_gcm' && (await failuresOf(document)).length > 0) continue
      expect(await failuresOf({ ...document, testGroups: [{ ...group, tests }] })).not.toEqual([])
    }
  })
})

describe('a spoilt known answer of ours', () => {
  it('fails wherever the bit is: importer.json', async () => {
    const { cases, ...rest } = JSON.parse(readFileSync('vectors/importer.json', 'utf8')) as { cases: Json[] }
    const document = { ...rest, cases: [cases.at(-1) as Json] }
    await expectSound(document)
    for (const place of placesIn(document)) expect(await failuresOf(flipAt(document, place))).not.toEqual([])
    expect(placesIn(document).length).toBeGreaterThan(5)
  })
})

function encapDecap(name: string, set: string): JsonObject {
  return oneCase('acvp/ML-KEM-encapDecap-FIPS203-tr1.json', isFunction(name, set))
}

function sigGen(signatureInterface: string, deterministic: boolean): JsonObject {
  return oneCase(
    'acvp/ML-DSA-sigGen-FIPS204.json',
    (_, group) => group['signatureInterface'] === signatureInterface && group['deterministic'] === deterministic,
  )
}

function sigVer(signatureInterface: string, testPassed: boolean): JsonObject {
  return oneCase(
    'acvp/ML-DSA-sigVer-FIPS204.json',
    (test, group) => group['signatureInterface'] === signatureInterface && test['testPassed'] === testPassed,
  )
}

function isMode(name: string) {
  return (_: JsonObject, group: JsonObject) => group['runningMode'] === name
}

function hasAad(test: JsonObject, group: JsonObject): boolean {
  return hasMessage(test) && test['aad'] !== '' && group['ivSize'] === 96 && group['keySize'] !== 192
}

/** A thousand rounds for each bit would take long. */
function withoutRounds(document: JsonObject): Json {
  const { start, after1 } = document['iterated'] as JsonObject
  return { ...document, iterated: { start: start as Json, after1: after1 as Json } }
}
