/** What the key schedule needs of the messages in clear (RFC 9846 section 4.2), read here once more. */
import { concat, toHex, utf8 } from '../../../bytes.js'
import { Octets } from './octets.js'

export const MESSAGE_NAMES: Readonly<Record<number, string>> = {
  1: 'ClientHello',
  2: 'ServerHello',
  4: 'NewSessionTicket',
  8: 'EncryptedExtensions',
  11: 'Certificate',
  13: 'CertificateRequest',
  15: 'CertificateVerify',
  20: 'Finished',
  24: 'KeyUpdate',
}

export interface Hello {
  readonly random: string
  readonly sessionId: string
  readonly extensions: ReadonlyMap<number, Uint8Array>
}

export interface ClientHello extends Hello {
  readonly identities: readonly { readonly identity: string; readonly obfuscatedTicketAge: number }[]
  readonly binders: readonly string[]
  /** The message up to the binders, which sign it. */
  readonly truncated: Uint8Array
  readonly shares: readonly { readonly group: number; readonly share: Uint8Array }[]
}

export interface ServerHello extends Hello {
  readonly retry: boolean
  readonly cipherSuite: number
  /** Of key_share; in a retry without the share. */
  readonly group: number | null
  readonly share: Uint8Array
  readonly selectedIdentity: number | null
}

const RETRY_RANDOM = 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c'
const Extension = { preSharedKey: 41, keyShare: 51 } as const

export function readClientHello(message: Uint8Array): ClientHello {
  const octets = body(message)
  octets.take(2)
  const random = toHex(octets.take(32))
  const sessionId = toHex(octets.vector(1))
  octets.vector(2)
  octets.vector(1)
  const extensions = readExtensions(octets)
  const preSharedKey = new Octets(extensions.get(Extension.preSharedKey) ?? new Uint8Array(4))
  const identities = new Octets(preSharedKey.vector(2)).list((entry) => ({
    identity: toHex(entry.vector(2)),
    obfuscatedTicketAge: entry.number(4),
  }))
  const signed = preSharedKey.left
  const binders = new Octets(preSharedKey.vector(2)).list((entry) => toHex(entry.vector(1)))
  const keyShare = new Octets(extensions.get(Extension.keyShare) ?? new Uint8Array(2))
  const shares = new Octets(keyShare.vector(2)).list((entry) => ({ group: entry.number(2), share: entry.vector(2) }))
  const truncated = message.slice(0, message.length - (extensions.has(Extension.preSharedKey) ? signed : 0))
  return { random, sessionId, extensions, identities, binders, truncated, shares }
}

export function readServerHello(message: Uint8Array): ServerHello {
  const octets = body(message)
  octets.take(2)
  const random = toHex(octets.take(32))
  const sessionId = toHex(octets.vector(1))
  const cipherSuite = octets.number(2)
  octets.take(1)
  const extensions = readExtensions(octets)
  const keyShare = extensions.get(Extension.keyShare)
  const selected = extensions.get(Extension.preSharedKey)
  const retry = random === RETRY_RANDOM
  const entry = keyShare === undefined ? null : new Octets(keyShare)
  return {
    random,
    sessionId,
    extensions,
    retry,
    cipherSuite,
    group: entry?.number(2) ?? null,
    share: retry || entry === null ? new Uint8Array(0) : entry.vector(2),
    selectedIdentity: selected === undefined ? null : new Octets(selected).number(2),
  }
}

export interface Ticket {
  readonly lifetime: number
  readonly ageAdd: number
  readonly nonce: Uint8Array
  readonly ticket: Uint8Array
}

export function readTicket(message: Uint8Array): Ticket {
  const octets = body(message)
  return { lifetime: octets.number(4), ageAdd: octets.number(4), nonce: octets.vector(1), ticket: octets.vector(2) }
}

/** Certificates of a Certificate message, in hex, without their extensions. */
export function readCertificate(message: Uint8Array): string[] {
  const octets = body(message)
  octets.vector(1)
  return new Octets(octets.vector(3)).list((entry) => {
    const certificate = toHex(entry.vector(3))
    entry.vector(2)
    return certificate
  })
}

export function readCertificateVerify(message: Uint8Array): { scheme: number; signature: Uint8Array } {
  const octets = body(message)
  return { scheme: octets.number(2), signature: octets.vector(2) }
}

/** What CertificateVerify signs (RFC 9846 section 4.5.3). */
export function certificateVerifyInput(from: 'client' | 'server', transcriptHash: Uint8Array): Uint8Array {
  const context = utf8(`TLS 1.3, ${from} CertificateVerify`)
  return concat(new Uint8Array(64).fill(0x20), context, Uint8Array.of(0), transcriptHash)
}

function body(message: Uint8Array): Octets {
  return new Octets(new Octets(message.slice(1)).vector(3))
}

function readExtensions(octets: Octets): Map<number, Uint8Array> {
  const list = new Octets(octets.vector(2))
  return new Map(list.list((entry) => [entry.number(2), entry.vector(2)] as const))
}
