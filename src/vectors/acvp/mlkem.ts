/** ACVP for ML-KEM (FIPS 203): key generation, encapsulation, decapsulation, and the checks of both kinds of key. */
import { concat } from '../../bytes.js'
import type { Feature } from '../../crypto/node/features.js'
import type { CryptoProvider } from '../../crypto/provider.js'
import type { Fields } from '../check/fields.js'
import { expectHex, expectOctets, expectThat, refuses, skip, throws } from '../check/outcome.js'
import { isParameterSet, mlkemOf } from '../primitives/mlkem.js'
import { nobleMlkemOf } from '../primitives/nobleMlkem.js'
import { acvpFormat } from './document.js'

export const acvpMlkemKeyGen = acvpFormat({
  algorithm: 'ML-KEM',
  mode: 'keyGen',
  answers: ['ek', 'dk'],
  questions: ['d', 'z'],
  native: nativeSet,
  check(fields, provider) {
    const seed = concat(fields.octets('d'), fields.octets('z'))
    const set = fields.text('parameterSet')
    const noble = nobleMlkemOf(set).keygen(seed)
    const ek = isParameterSet(set) ? mlkemOf(provider, set).keyPair(seed).ek : noble.publicKey
    expectHex('ek', ek, fields.text('ek'))
    // Expanded, which no provider hands out: that of noble.
    expectHex('dk', noble.secretKey, fields.text('dk'))
  },
})

export const acvpMlkemEncapDecap = acvpFormat({
  algorithm: 'ML-KEM',
  mode: 'encapDecap',
  answers: ['k', 'testPassed'],
  questions: ['ek', 'dk', 'd', 'm'],
  native: (fields) => (needsExpanded(fields) ? null : nativeSet(fields)),
  check(fields, provider) {
    const step = fields.text('function')
    if (!Object.hasOwn(FUNCTIONS, step)) skip(`the function ${step}, which FIPS 203 does not have`)
    FUNCTIONS[step as keyof typeof FUNCTIONS](fields, provider)
  },
})

const FUNCTIONS = { encapsulation, decapsulation, encapsulationKeyCheck, decapsulationKeyCheck } as const

function nativeSet(fields: Fields): Feature | null {
  const set = fields.text('parameterSet')
  return isParameterSet(set) ? set : null
}

/** Key shares are made from seeds, so an expanded key alone is for noble. */
function needsExpanded(fields: Fields): boolean {
  const step = fields.text('function')
  return step === 'decapsulationKeyCheck' || (step === 'decapsulation' && !fields.has('d', 'z'))
}

function encapsulation(fields: Fields, provider: CryptoProvider): void {
  const set = fields.text('parameterSet')
  const [ek, m] = [fields.octets('ek'), fields.octets('m')]
  const { c, k } = isParameterSet(set) ? mlkemOf(provider, set).encapsulate(ek, m) : encapsulateByNoble(set, ek, m)
  expectHex('c', c, fields.text('c'))
  expectHex('k', k, fields.text('k'))
  const dk = fields.optionalOctets('dk')
  if (dk !== undefined) expectOctets('what dk makes of c', nobleMlkemOf(set).decapsulate(c, dk), k)
}

function encapsulateByNoble(set: string, ek: Uint8Array, m: Uint8Array) {
  const { cipherText, sharedSecret } = nobleMlkemOf(set).encapsulate(ek, m)
  return { c: cipherText, k: sharedSecret }
}

function decapsulation(fields: Fields, provider: CryptoProvider): void {
  const set = fields.text('parameterSet')
  const c = fields.octets('c')
  const dk = fields.optionalOctets('dk')
  if (fields.has('d', 'z')) {
    const seed = concat(fields.octets('d'), fields.octets('z'))
    const noble = nobleMlkemOf(set).keygen(seed)
    if (dk !== undefined) expectOctets('dk', noble.secretKey, dk)
    if (fields.has('ek')) expectHex('ek', noble.publicKey, fields.text('ek'))
    if (isParameterSet(set)) expectHex('k', mlkemOf(provider, set).keyPair(seed).decapsulate(c), fields.text('k'))
  }
  if (dk === undefined && isParameterSet(set) && fields.has('d', 'z')) return
  const key = dk ?? nobleMlkemOf(set).keygen(concat(fields.octets('d'), fields.octets('z'))).secretKey
  expectHex('k by the expanded key', nobleMlkemOf(set).decapsulate(c, key), fields.text('k'))
}

/** FIPS 203 7.2: length and modulus. */
function encapsulationKeyCheck(fields: Fields, provider: CryptoProvider): void {
  const set = fields.text('parameterSet')
  const ek = fields.octets('ek')
  const refused = isParameterSet(set)
    ? refuses(() => mlkemOf(provider, set).encapsulate(ek), 'ERR_BAD_KEY_SHARE')
    : throws(() => nobleMlkemOf(set).encapsulate(ek))
  expectVerdict('encapsulation key', fields, !refused)
}

/** FIPS 203 7.3: lengths and the hash of the encapsulation key. Any ciphertext of the right length will do. */
function decapsulationKeyCheck(fields: Fields): void {
  const noble = nobleMlkemOf(fields.text('parameterSet'))
  const dk = fields.octets('dk')
  const { cipherText } = noble.encapsulate(noble.keygen().publicKey)
  expectVerdict('decapsulation key', fields, !throws(() => noble.decapsulate(cipherText, dk)))
}

function expectVerdict(what: string, fields: Fields, accepted: boolean): void {
  const wanted = fields.flag('testPassed')
  const reason = fields.optionalText('reason')
  const why = reason === undefined ? '' : ` (${reason})`
  expectThat(accepted === wanted, `the ${what} is ${accepted ? 'accepted' : 'refused'}, which it must not be${why}`)
}
