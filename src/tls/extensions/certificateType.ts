/**
 * client_certificate_type and server_certificate_type (RFC 7250 section 3, in TLS 1.3 by RFC 9846 4.3): a list in the
 * ClientHello, sorted by the client's preference, and one value in EncryptedExtensions.
 */
import { decode } from '../wire/reader.js'
import { encode } from '../wire/writer.js'

/** IANA "TLS Certificate Types"; OpenPGP (1) is not for TLS 1.3 (RFC 9846 4.5.2). */
export const CERTIFICATE_TYPES = { X509: 0, RawPublicKey: 2 } as const

/** What a Certificate message holds: an X.509 chain, or one SubjectPublicKeyInfo. */
export type CertificateType = keyof typeof CERTIFICATE_TYPES

/** In force where nothing was negotiated (RFC 9846 4.5.2). */
export const DEFAULT_CERTIFICATE_TYPES: readonly CertificateType[] = ['X509']

/** The type with this number; undefined for one that we do not know. */
export function certificateTypeByCode(code: number): CertificateType | undefined {
  return code === CERTIFICATE_TYPES.X509 ? 'X509' : code === CERTIFICATE_TYPES.RawPublicKey ? 'RawPublicKey' : undefined
}

/** Whether a list says more than leaving the extension out does: then it is sent (RFC 7250 4.1). */
export function isWorthSaying(types: readonly CertificateType[]): boolean {
  return types.some((type) => type !== 'X509')
}

/** @param codes the numbers, 1 to 255 of them */
export function encodeCertificateTypes(codes: readonly number[]): Uint8Array {
  return encode((writer) => writer.opaque(1, Uint8Array.from(codes)))
}

export function decodeCertificateTypes(data: Uint8Array): number[] {
  return decode(data, 'a list of certificate types', (reader) => [...reader.opaque(1, 1)])
}

export function encodeCertificateType(code: number): Uint8Array {
  return encode((writer) => writer.u8(code))
}

export function decodeCertificateType(data: Uint8Array): number {
  return decode(data, 'a certificate type', (reader) => reader.u8())
}
