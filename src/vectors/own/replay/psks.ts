/** The core's own way from what a PSK is made of to what is offered and known: the importer of src/tls. */
import { copy, fromHex, toHex, utf8, wipe } from '../../../bytes.js'
import type { CryptoProvider, HashAlgorithm } from '../../../crypto/provider.js'
import { combineAuthPskWithQkdKey, encodeImporterContext, importPsk, type OfferedPsk } from '../../../tls/index.js'
import type { ImportedInput, PskInput } from '../trace.js'

export type KnownPsk = OfferedPsk & { readonly costsKey: boolean }

/** All that one input stands for, with the hashes that it can be used with; the caller wipes `psk`. */
export function pskFor(
  crypto: CryptoProvider,
  inputs: readonly PskInput[],
  hashes: readonly HashAlgorithm[],
): KnownPsk[] {
  return inputs.flatMap((input, index): KnownPsk[] => {
    const common = { source: index, costsKey: input.type === 'imported' && input.qkdKey !== undefined }
    if (input.type === 'imported') {
      return hashes.map((hash) => ({
        ...imported(crypto, input, hash),
        ...common,
        obfuscatedTicketAge: 0,
        hash,
        kind: 'imported',
      }))
    }
    if (!hashes.includes(input.hash)) return []
    const { ticketAgeAdd = 0, ticketAge = 0 } = input.type === 'resumption' ? input : {}
    const age = (ticketAgeAdd + ticketAge) % 2 ** 32
    const { hash, type: kind } = input
    const [identity, psk] = [fromHex(input.identity), fromHex(input.psk)]
    return [{ ...common, identity, psk, hash, kind, obfuscatedTicketAge: age }]
  })
}

export function sameIdentity(a: Uint8Array, b: Uint8Array): boolean {
  return toHex(a) === toHex(b)
}

function imported(crypto: CryptoProvider, input: ImportedInput, target: HashAlgorithm) {
  const { epskHash, keyId, authPskIdentity = '' } = input
  const epsk = externalPsk(crypto, input)
  const context = input.context === undefined ? ownContext(input) : fromHex(input.context)
  const made = importPsk(crypto, { identity: utf8(keyId ?? authPskIdentity), epsk, hash: epskHash, context }, target)
  wipe(epsk)
  return made
}

function externalPsk(crypto: CryptoProvider, { epskHash, authPsk, qkdKey }: ImportedInput): Uint8Array {
  if (authPsk !== undefined && qkdKey !== undefined) {
    return combineAuthPskWithQkdKey(crypto, epskHash, fromHex(authPsk), fromHex(qkdKey))
  }
  return copy(fromHex(authPsk ?? qkdKey ?? ''))
}

function ownContext(input: ImportedInput): Uint8Array {
  const { kind = 'psk', keySourceName = '', initiatorSaeId = '', responderSaeId = '', authPskIdentity = '' } = input
  const identity = utf8(kind === 'qkd' ? '' : authPskIdentity)
  return encodeImporterContext({ kind, keySourceName, initiatorSaeId, responderSaeId, authPskIdentity: identity })
}
