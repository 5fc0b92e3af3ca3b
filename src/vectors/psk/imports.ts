/**
 * Imported PSKs (RFC 9258 section 5): from EPSK, identity and context to ipskx, and on to the binder where a file goes that
 * far. The field names are those of the files made of Botan's and of ours.
 */
import { EMPTY, utf8 } from '../../bytes.js'
import { hashLength } from '../../crypto/cipherSuites.js'
import type { CryptoProvider, HashAlgorithm } from '../../crypto/provider.js'
import { truncateClientHello } from '../../tls/extensions/preSharedKey.js'
import { hkdfExpandLabel, hkdfExtract } from '../../tls/hkdf.js'
import { BINDER_LABELS, EarlySecret } from '../../tls/keySchedule.js'
import { decodeClientHello } from '../../tls/messages/clientHello.js'
import { readClientHelloExtensions } from '../../tls/messages/clientHelloExtensions.js'
import { encodeImportedIdentity, TARGET_KDF, TARGET_TLS13 } from '../../tls/psk/importedIdentity.js'
import { importPsk, importPskFor } from '../../tls/psk/importer.js'
import { Fields, isObject, type JsonObject, objectsIn, testId } from '../check/fields.js'
import { expectHex, expectOctets, outcomeOf, skip } from '../check/outcome.js'
import type { VectorFormat } from '../format.js'

const HASHES = Object.keys(TARGET_KDF) as HashAlgorithm[]
/** Where the cases may stand, and what the result may be called. */
const LISTS = ['tests', 'cases', 'imports', 'vectors'] as const
const RESULTS = ['ipskx', 'importedPsk', 'psk'] as const

export const pskImports: VectorFormat = {
  name: 'RFC 9258 imports',
  recognises(document) {
    return testsIn(document).some(isImport)
  },
  cases: (document) =>
    testsIn(document).map((test, index) => ({
      id: testId(test, index),
      run: (provider) =>
        outcomeOf(() => {
          if (!isImport(test)) skip('no import: it has no epsk, no externalIdentity, or no result')
          checkImport(test, provider)
        }),
    })),
}

function testsIn(document: unknown): readonly JsonObject[] {
  if (!isObject(document)) return objectsIn(document)
  return LISTS.map((name) => objectsIn(document[name])).find((list) => list.length > 0) ?? []
}

function isImport(test: JsonObject): boolean {
  return 'epsk' in test && 'externalIdentity' in test && RESULTS.some((name) => name in test)
}

function checkImport(test: JsonObject, provider: CryptoProvider): void {
  const fields = new Fields(test)
  const target = targetOf(fields)
  const external = {
    identity: identityOf(fields),
    epsk: fields.octets('epsk'),
    hash: hashNamed(fields.optionalText('epskHash') ?? 'SHA-256'),
    context: fields.optionalOctets('context') ?? EMPTY,
  }
  const targetProtocol = protocolOf(fields)
  const wire = encodeImportedIdentity({
    externalIdentity: external.identity,
    context: external.context,
    targetProtocol,
    targetKdf: TARGET_KDF[target],
  })
  const { psk } = importPskFor(provider, external, wire, target)
  for (const name of RESULTS) if (fields.has(name)) expectHex(name, psk, fields.text(name))
  if (fields.has('importedIdentity')) expectHex('importedIdentity', wire, fields.text('importedIdentity'))
  if (targetProtocol === TARGET_TLS13) {
    // As an endpoint does that makes the identity itself.
    const own = importPsk(provider, external, target)
    expectOctets('the identity of our importer', own.identity, wire)
    expectOctets('the PSK of our importer', own.psk, psk)
  }
  checkSteps(fields, provider, external, wire)
  // The way on to the binder may stand by itself.
  const parts = ['binder', 'handshake'].map((name) => test[name]).filter(isObject)
  for (const part of [test, ...parts]) checkBinder(new Fields(part), provider, psk, target)
}

/** What lies between, where it is given. */
function checkSteps(
  fields: Fields,
  provider: CryptoProvider,
  { epsk, hash }: { readonly epsk: Uint8Array; readonly hash: HashAlgorithm },
  wire: Uint8Array,
): void {
  const epskx = hkdfExtract(provider, hash, new Uint8Array(hashLength(hash)), epsk)
  if (fields.has('epskx')) expectHex('epskx', epskx, fields.text('epskx'))
  const identityHash = provider.hash(hash, wire)
  for (const name of ['importedIdentityHash', 'identityHash']) {
    if (fields.has(name)) expectHex(name, identityHash, fields.text(name))
  }
}

/** RFC 9258 5.2: an imported PSK has a label of its own, "imp binder". */
function checkBinder(fields: Fields, provider: CryptoProvider, psk: Uint8Array, hash: HashAlgorithm): void {
  const early = new EarlySecret(provider, hash, psk)
  if (fields.has('earlySecret')) expectHex('earlySecret', early.secret, fields.text('earlySecret'))
  const binderKey = early.binderKey(BINDER_LABELS.imported)
  if (fields.has('binderKey')) expectHex('binderKey', binderKey, fields.text('binderKey'))
  if (fields.has('finishedKey')) {
    const finishedKey = hkdfExpandLabel(provider, hash, binderKey, 'finished', EMPTY, hashLength(hash))
    expectHex('finishedKey', finishedKey, fields.text('finishedKey'))
  }
  const truncated = truncatedHello(fields)
  if (truncated !== undefined && fields.has('binderHash')) {
    expectHex('binderHash', provider.hash(hash, truncated), fields.text('binderHash'))
  }
  const binderHash =
    fields.optionalOctets('binderHash') ?? (truncated === undefined ? undefined : provider.hash(hash, truncated))
  if (binderHash === undefined || typeof fields.get('binder') !== 'string') return
  expectHex('binder', early.binder(BINDER_LABELS.imported, binderHash), fields.text('binder'))
}

/** As it stands there, or of a whole ClientHello. */
function truncatedHello(fields: Fields): Uint8Array | undefined {
  const truncated = fields.optionalOctets('truncatedClientHello')
  const whole = fields.optionalOctets('clientHello')
  if (truncated !== undefined || whole === undefined) return truncated
  const { offeredPsks } = readClientHelloExtensions(decodeClientHello(whole.subarray(4)))
  const lengths = (offeredPsks?.binders ?? []).map(({ length }) => length)
  return truncateClientHello(whole, lengths)
}

/** In hex, or as text. */
function identityOf(fields: Fields): Uint8Array {
  const text = fields.text('externalIdentity')
  return /^(?:[0-9a-fA-F]{2})*$/.test(text) ? fields.octets('externalIdentity') : utf8(text)
}

function targetOf(fields: Fields): HashAlgorithm {
  if (fields.has('targetHash')) return hashNamed(fields.text('targetHash'))
  const target = fields.get('targetKdf')
  const number =
    typeof target === 'string' && /^(?:0x)?[0-9a-f]{4}$/i.test(target) ? Number.parseInt(target, 16) : target
  const found = HASHES.find((hash) => TARGET_KDF[hash] === number || target === `HKDF_${hash.replace('-', '')}`)
  return found ?? skip(`the target KDF ${String(target)}, which no cipher suite of TLS 1.3 has`)
}

function protocolOf(fields: Fields): number {
  if (!fields.has('targetProtocol')) return TARGET_TLS13
  const value = fields.get('targetProtocol')
  return typeof value === 'string' ? Number.parseInt(value, 16) : fields.number('targetProtocol')
}

/** "SHA-256", "SHA256". */
function hashNamed(name: string): HashAlgorithm {
  const found = HASHES.find((hash) => hash.replace('-', '') === name.toUpperCase().replace('-', ''))
  return found ?? skip(`the hash ${name}, which no cipher suite of TLS 1.3 has`)
}
