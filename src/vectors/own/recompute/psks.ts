/**
 * From what a PSK is made of to the PSK of the key schedule and its binder: RFC 9258 section 5 and the importer context of
 * PROTOCOL.md, written once more.
 */
import { concat, fromHex, toHex, utf8 } from '../../../bytes.js'
import type { CryptoProvider, HashAlgorithm } from '../../../crypto/provider.js'
import type { Hex, ImportedInput, PskInput, ResumptionInput } from '../trace.js'
import { Hkdf } from './hkdf.js'
import { u16 } from './octets.js'

/** One PSK as it can stand in a ClientHello. */
export interface MadePsk {
  readonly type: PskInput['type']
  /** The one that it is used with. */
  readonly hash: HashAlgorithm
  readonly identity: Hex
  readonly obfuscatedTicketAge: number
  readonly psk: Hex
  /** What the importer made on the way. */
  readonly imported?: Imported
}

export interface Imported {
  readonly epsk: Hex
  readonly epskHash: HashAlgorithm
  readonly externalIdentity: Hex
  readonly context: Hex
  readonly targetHash: HashAlgorithm
  readonly importedIdentity: Hex
  readonly importedIdentityHash: Hex
  readonly epskx: Hex
}

const KIND_CODES = { psk: 1, qkd: 2, 'psk+qkd': 3 } as const
const KDF_CODES = { 'SHA-256': 1, 'SHA-384': 2 } as const
const LABELS = { imported: 'imp binder', external: 'ext binder', resumption: 'res binder' } as const

/** In the order of the ClientHello: each entry for each hash that it can be used with. */
export function makePsks(
  crypto: CryptoProvider,
  inputs: readonly PskInput[],
  hashes: readonly HashAlgorithm[],
): MadePsk[] {
  return inputs.flatMap((input): MadePsk[] => {
    if (input.type === 'imported') return hashes.map((hash) => importPsk(crypto, input, hash))
    if (!hashes.includes(input.hash)) return []
    const { type, hash, identity, psk } = input
    const obfuscatedTicketAge = type === 'external' ? 0 : obfuscatedAge(input)
    return [{ type, hash, identity, obfuscatedTicketAge, psk }]
  })
}

/** RFC 9846 section 4.3.11. */
function obfuscatedAge({ ticketAgeAdd = 0, ticketAge = 0 }: ResumptionInput): number {
  return (ticketAgeAdd + ticketAge) % 2 ** 32
}

function importPsk(crypto: CryptoProvider, input: ImportedInput, targetHash: HashAlgorithm): MadePsk {
  const { epskHash } = input
  const hkdf = new Hkdf(crypto, epskHash)
  const epsk = externalPsk(hkdf, input)
  const externalIdentity = utf8(input.keyId ?? input.authPskIdentity ?? '')
  const context = input.context === undefined ? contextOf(input) : fromHex(input.context)
  const target = concat(Uint8Array.of(3, 4), u16(KDF_CODES[targetHash]))
  const identity = concat(u16(externalIdentity.length), externalIdentity, u16(context.length), context, target)
  const identityHash = hkdf.digest(identity)
  const epskx = hkdf.extract(hkdf.zeros, epsk)
  const psk = hkdf.expandLabel(epskx, 'derived psk', identityHash, targetHash === 'SHA-256' ? 32 : 48)
  return {
    type: 'imported',
    hash: targetHash,
    identity: toHex(identity),
    obfuscatedTicketAge: 0,
    psk: toHex(psk),
    imported: {
      epsk: toHex(epsk),
      epskHash,
      externalIdentity: toHex(externalIdentity),
      context: toHex(context),
      targetHash,
      importedIdentity: toHex(identity),
      importedIdentityHash: toHex(identityHash),
      epskx: toHex(epskx),
    },
  }
}

/** The auth PSK, the QKD key, or HKDF-Extract of both. */
function externalPsk(hkdf: Hkdf, { authPsk, qkdKey }: ImportedInput): Uint8Array {
  if (authPsk !== undefined && qkdKey !== undefined) return hkdf.extract(fromHex(authPsk), fromHex(qkdKey))
  return fromHex(authPsk ?? qkdKey ?? '')
}

function contextOf(input: ImportedInput): Uint8Array {
  const { kind = 'psk', keySourceName = '', initiatorSaeId = '', responderSaeId = '' } = input
  const name = utf8(keySourceName)
  const names = [initiatorSaeId, responderSaeId, kind === 'qkd' ? '' : (input.authPskIdentity ?? '')].map(utf8)
  const head = Uint8Array.of(1, KIND_CODES[kind], name.length)
  return concat(head, name, ...names.flatMap((octets) => [u16(octets.length), octets]))
}

/** Everything on the way from an Early Secret to the binder of its PSK, under the names of the files. */
export function binderOf(
  crypto: CryptoProvider,
  { type, hash }: MadePsk,
  earlySecret: Uint8Array,
  before: Uint8Array,
  hello: Uint8Array,
) {
  const hkdf = new Hkdf(crypto, hash)
  const label = LABELS[type]
  const binderKey = hkdf.derive(earlySecret, label, hkdf.digest())
  const finishedKey = hkdf.finishedKey(binderKey)
  const binderHash = hkdf.digest(before, hello)
  return {
    label,
    binderHash: toHex(binderHash),
    binderKey: toHex(binderKey),
    finishedKey: toHex(finishedKey),
    binder: toHex(hkdf.hmac(finishedKey, binderHash)),
  }
}
