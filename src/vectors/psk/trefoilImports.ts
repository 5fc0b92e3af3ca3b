/**
 * `vectors/importer.json` of this project: from auth PSK and QKD key to the PSK of a handshake, by way of the importer context
 * that PROTOCOL.md defines.
 */
import { utf8 } from '../../bytes.js'
import type { CryptoProvider, HashAlgorithm } from '../../crypto/provider.js'
import { combineAuthPskWithQkdKey, importPsk } from '../../tls/psk/importer.js'
import { encodeImporterContext, type KeyKind } from '../../tls/psk/importerContext.js'
import { Fields, isObject, type JsonObject, listOf, objectsIn } from '../check/fields.js'
import { expectHex, outcomeOf } from '../check/outcome.js'
import type { VectorFormat } from '../format.js'

const KINDS: readonly KeyKind[] = ['psk', 'qkd', 'psk+qkd']

export const trefoilImports: VectorFormat = {
  name: 'Trefoil importer',
  recognises(document) {
    const cases = isObject(document) ? objectsIn(document['cases']) : []
    return cases.length > 0 && cases.every((one) => KINDS.includes(one['kind'] as KeyKind) && 'importedIdentity' in one)
  },
  cases: (document) =>
    listOf(document as JsonObject, 'cases').map((one, index) => {
      const fields = new Fields(one)
      return {
        id: `case ${index + 1} (${String(one['kind'])})`,
        run: (provider) => outcomeOf(() => checkCase(fields, provider)),
      }
    }),
}

function checkCase(fields: Fields, provider: CryptoProvider): void {
  const kind = fields.text('kind') as KeyKind
  const hash = hashNamed(fields.text('epskHash'))
  const epsk = epskOf(fields, kind, hash, provider)
  expectHex('epsk', epsk, fields.text('epsk'))
  const authPskIdentity = utf8(fields.optionalText('authPskIdentity') ?? '')
  const context = encodeImporterContext({
    kind,
    keySourceName: fields.optionalText('keySourceName') ?? '',
    initiatorSaeId: fields.optionalText('initiatorSaeId') ?? '',
    responderSaeId: fields.optionalText('responderSaeId') ?? '',
    authPskIdentity,
  })
  expectHex('context', context, fields.text('context'))
  // The key_ID as the key manager spelled it; without QKD, the PSK's own identity.
  const identity = fields.has('keyId') ? utf8(fields.text('keyId')) : authPskIdentity
  const imported = importPsk(provider, { identity, epsk, hash, context }, hashNamed(fields.text('targetHash')))
  expectHex('importedIdentity', imported.identity, fields.text('importedIdentity'))
  expectHex('psk', imported.psk, fields.text('psk'))
}

function epskOf(fields: Fields, kind: KeyKind, hash: HashAlgorithm, provider: CryptoProvider): Uint8Array {
  if (kind === 'psk') return fields.octets('authPsk')
  if (kind === 'qkd') return fields.octets('qkdKey')
  return combineAuthPskWithQkdKey(provider, hash, fields.octets('authPsk'), fields.octets('qkdKey'))
}

function hashNamed(name: string): HashAlgorithm {
  if (name === 'SHA-256' || name === 'SHA-384') return name
  throw new Error(`the hash ${name} is none of SHA-256 and SHA-384`)
}
