/** What a ClientHello's extensions say, once the rules of RFC 9846 4.3 and 9.2 about their presence hold. */
import { TrefoilError } from '../../errors.js'
import { decodeApplicationProtocols } from '../extensions/applicationProtocols.js'
import { decodeCertificateTypes } from '../extensions/certificateType.js'
import { decodeCodePoints } from '../extensions/codePointList.js'
import { checkExtensions, type Extensions } from '../extensions/extension.js'
import { decodeClientKeyShares, type KeyShareEntry } from '../extensions/keyShare.js'
import { decodeOfferedPsks, type OfferedPsks } from '../extensions/preSharedKey.js'
import {
  decodeCertificateAuthorities,
  decodeCookie,
  decodeEmpty,
  decodePskKeyExchangeModes,
  decodeRecordSizeLimit,
} from '../extensions/scalars.js'
import { decodeServerName } from '../extensions/serverName.js'
import { ExtensionType, PskKeyExchangeMode, VERSION_TLS13 } from '../wire/codePoints.js'
import type { ClientHello } from './clientHello.js'

export interface ClientHelloExtensions {
  readonly serverName: string | null
  readonly supportedGroups: readonly number[]
  readonly keyShares: readonly KeyShareEntry[]
  readonly signatureAlgorithms: readonly number[] | null
  readonly signatureAlgorithmsCert: readonly number[] | null
  readonly certificateAuthorities: readonly Uint8Array[]
  /** Codes, known or not, in the client's order; null when the extension is absent, which stands for X.509. */
  readonly serverCertificateTypes: readonly number[] | null
  readonly clientCertificateTypes: readonly number[] | null
  readonly applicationProtocols: readonly string[]
  readonly recordSizeLimit: number | null
  readonly cookie: Uint8Array | null
  readonly pskDheKe: boolean
  readonly offeredPsks: OfferedPsks | null
  readonly certWithExternPsk: boolean
  readonly earlyData: boolean
}

/** @throws TrefoilError ERR_PROTOCOL_VERSION, ERR_MISSING_EXTENSION, ERR_ILLEGAL_PARAMETER, ERR_DECODE */
export function readClientHelloExtensions(hello: ClientHello): ClientHelloExtensions {
  const bodies = checkExtensions(hello.extensions, 'CH', null)
  const read = <T>(type: number, decoder: (data: Uint8Array) => T): T | null => {
    const data = bodies.get(type)
    return data === undefined ? null : decoder(data)
  }
  requireTls13(bodies)
  // RFC 9846 4.2.2: exactly one compression method, null.
  if (hello.compressionMethods.length !== 1 || hello.compressionMethods[0] !== 0) {
    illegal('offered a compression method in TLS 1.3')
  }
  requirePresence(bodies)
  if (bodies.has(ExtensionType.pre_shared_key) && hello.extensions.at(-1)?.type !== ExtensionType.pre_shared_key) {
    illegal('put pre_shared_key before another extension')
  }
  const extensions: ClientHelloExtensions = {
    serverName: read(ExtensionType.server_name, decodeServerName),
    supportedGroups:
      read(ExtensionType.supported_groups, (data) => decodeCodePoints(2, data, 'supported_groups')) ?? [],
    keyShares: read(ExtensionType.key_share, decodeClientKeyShares) ?? [],
    signatureAlgorithms: read(ExtensionType.signature_algorithms, (data) =>
      decodeCodePoints(2, data, 'signature_algorithms'),
    ),
    signatureAlgorithmsCert: read(ExtensionType.signature_algorithms_cert, (data) =>
      decodeCodePoints(2, data, 'signature_algorithms_cert'),
    ),
    certificateAuthorities: read(ExtensionType.certificate_authorities, decodeCertificateAuthorities) ?? [],
    serverCertificateTypes: read(ExtensionType.server_certificate_type, decodeCertificateTypes),
    clientCertificateTypes: read(ExtensionType.client_certificate_type, decodeCertificateTypes),
    applicationProtocols: read(ExtensionType.application_layer_protocol_negotiation, decodeApplicationProtocols) ?? [],
    recordSizeLimit: read(ExtensionType.record_size_limit, decodeRecordSizeLimit),
    cookie: read(ExtensionType.cookie, decodeCookie),
    pskDheKe:
      read(ExtensionType.psk_key_exchange_modes, decodePskKeyExchangeModes)?.includes(PskKeyExchangeMode.psk_dhe_ke) ??
      false,
    offeredPsks: read(ExtensionType.pre_shared_key, decodeOfferedPsks),
    certWithExternPsk:
      read(ExtensionType.tls_cert_with_extern_psk, (data) => decodeEmpty(data, 'tls_cert_with_extern_psk')) ?? false,
    earlyData: read(ExtensionType.early_data, (data) => decodeEmpty(data, 'early_data')) ?? false,
  }
  requireConsistency(extensions)
  return extensions
}

function requireTls13(bodies: Extensions): void {
  const data = bodies.get(ExtensionType.supported_versions)
  const versions = data === undefined ? [] : decodeCodePoints(1, data, 'supported_versions')
  if (!versions.includes(VERSION_TLS13)) {
    throw new TrefoilError('ERR_PROTOCOL_VERSION', 'peer does not offer TLS 1.3')
  }
}

/** RFC 9846 9.2, and RFC 9973 section 5 for the companions of tls_cert_with_extern_psk. */
function requirePresence(bodies: Extensions): void {
  const has = (type: number) => bodies.has(type)
  const { key_share, supported_groups, signature_algorithms, pre_shared_key } = ExtensionType
  const { psk_key_exchange_modes, tls_cert_with_extern_psk, early_data } = ExtensionType
  if (has(key_share) !== has(supported_groups)) {
    missing(has(key_share) ? 'key_share without supported_groups' : 'supported_groups without key_share')
  }
  if (!has(pre_shared_key)) {
    if (!has(supported_groups)) missing('neither supported_groups nor a pre-shared key')
    if (!has(signature_algorithms)) missing('neither signature_algorithms nor a pre-shared key')
  }
  if (has(pre_shared_key) && !has(psk_key_exchange_modes)) missing('pre_shared_key without psk_key_exchange_modes')
  if (has(tls_cert_with_extern_psk)) {
    if (!has(pre_shared_key)) missing('tls_cert_with_extern_psk without pre_shared_key')
    if (!has(key_share)) missing('tls_cert_with_extern_psk without key_share')
    if (!has(signature_algorithms)) missing('tls_cert_with_extern_psk without signature_algorithms')
  }
  if (has(early_data) && !has(pre_shared_key)) illegal('offered early data without a pre-shared key')
}

function requireConsistency(extensions: ClientHelloExtensions): void {
  for (const { group } of extensions.keyShares) {
    // RFC 9846 4.3.8
    if (!extensions.supportedGroups.includes(group)) illegal('sent a key share for a group it does not support')
  }
  const psks = extensions.offeredPsks
  if (psks !== null && psks.identities.length !== psks.binders.length) {
    illegal(`sent ${psks.binders.length} binders for ${psks.identities.length} identities`)
  }
  if (extensions.certWithExternPsk) {
    // RFC 9973 section 4
    if (!extensions.pskDheKe) illegal('offered tls_cert_with_extern_psk without psk_dhe_ke')
    if (extensions.earlyData) illegal('offered early data together with tls_cert_with_extern_psk')
  }
}

function missing(what: string): never {
  throw new TrefoilError('ERR_MISSING_EXTENSION', `peer sent ${what}`)
}

function illegal(what: string): never {
  throw new TrefoilError('ERR_ILLEGAL_PARAMETER', `peer ${what}`)
}
