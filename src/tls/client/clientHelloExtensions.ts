/** The extensions of a ClientHello of ours, in order; pre_shared_key last with room for the binders. */
import { EMPTY } from '../../bytes.js'
import { hashLength } from '../../crypto/cipherSuites.js'
import { NAMED_GROUPS, type NamedGroupName } from '../../crypto/groups.js'
import type { ClientConfig } from '../config.js'
import { encodeApplicationProtocols } from '../extensions/applicationProtocols.js'
import {
  CERTIFICATE_TYPES,
  type CertificateType,
  DEFAULT_CERTIFICATE_TYPES,
  encodeCertificateTypes,
  isWorthSaying,
} from '../extensions/certificateType.js'
import { encodeCodePoints } from '../extensions/codePointList.js'
import type { Extension } from '../extensions/extension.js'
import { encodeClientKeyShares } from '../extensions/keyShare.js'
import { encodeOfferedPsks } from '../extensions/preSharedKey.js'
import {
  encodeCertificateAuthorities,
  encodeCookie,
  encodePskKeyExchangeModes,
  encodeRecordSizeLimit,
} from '../extensions/scalars.js'
import { encodeServerName } from '../extensions/serverName.js'
import { schemeCodePoints } from '../shared/authentication.js'
import { ExtensionType, PskKeyExchangeMode, VERSION_TLS13 } from '../wire/codePoints.js'
import {
  greaseFirstExtension,
  greaseGroups,
  greaseKeyShares,
  greaseLastExtension,
  greaseSignatureSchemes,
  greaseVersions,
} from './grease.js'
import type { ClientOffer } from './states.js'

/** @param retryGroup the group that a HelloRetryRequest asked for, null in a first hello and after a bare cookie */
export function clientHelloExtensions(
  config: ClientConfig,
  offer: ClientOffer,
  retryGroup: NamedGroupName | null,
  cookie: Uint8Array | null,
): Extension[] {
  const { grease, psks } = offer
  const extensions: Extension[] = greaseFirstExtension(grease)
  const add = (type: number, data: Uint8Array) => extensions.push({ type, data })

  if (config.serverName !== null) add(ExtensionType.server_name, encodeServerName(config.serverName))
  const groups = config.groups.map((name) => NAMED_GROUPS[name].codePoint)
  add(ExtensionType.supported_groups, encodeCodePoints(2, [...greaseGroups(grease), ...groups]))
  if (certificatePossible(offer)) {
    addCertificateDemands(config, grease, add)
    addCertificateTypes(ExtensionType.client_certificate_type, config.clientCertificateTypes, add)
    addCertificateTypes(ExtensionType.server_certificate_type, config.serverCertificateTypes, add)
  }
  if (config.applicationProtocols !== undefined && config.applicationProtocols.length > 0) {
    const protocols = encodeApplicationProtocols(config.applicationProtocols)
    add(ExtensionType.application_layer_protocol_negotiation, protocols)
  }
  if (config.recordSizeLimit !== undefined) {
    add(ExtensionType.record_size_limit, encodeRecordSizeLimit(config.recordSizeLimit))
  }
  add(ExtensionType.supported_versions, encodeCodePoints(1, [...greaseVersions(grease), VERSION_TLS13]))
  if (psks.length > 0 || config.tickets !== false) {
    // Never psk_ke: every session of ours has a fresh hybrid exchange.
    add(ExtensionType.psk_key_exchange_modes, encodePskKeyExchangeModes([PskKeyExchangeMode.psk_dhe_ke]))
  }
  if (psks.length > 0 && offer.pskPolicy.withCertificate) add(ExtensionType.tls_cert_with_extern_psk, EMPTY)
  if (cookie !== null) add(ExtensionType.cookie, encodeCookie(cookie))
  // After a retry that names a group, that group's share alone may stand here (RFC 9846 4.2.4).
  const greased = retryGroup === null ? greaseKeyShares(grease) : []
  const shares = [...offer.keyShares].map(([group, { publicShare }]) => ({
    group: NAMED_GROUPS[group].codePoint,
    keyExchange: publicShare,
  }))
  add(ExtensionType.key_share, encodeClientKeyShares([...greased, ...shares]))
  extensions.push(...greaseLastExtension(grease))
  if (psks.length > 0) {
    const identities = psks.map(({ offered }) => offered)
    const binders = psks.map(({ offered }) => new Uint8Array(hashLength(offered.hash)))
    add(ExtensionType.pre_shared_key, encodeOfferedPsks({ identities, binders }))
  }
  return extensions
}

/** Whether the server may answer with a certificate: not when a PSK alone must authenticate it. */
function certificatePossible({ pskPolicy }: ClientOffer): boolean {
  return pskPolicy.withCertificate || !pskPolicy.required
}

/** What the server's certificate and its signature must be like. */
function addCertificateDemands(
  config: ClientConfig,
  grease: Uint8Array | null,
  add: (type: number, data: Uint8Array) => void,
): void {
  const schemes = schemeCodePoints(config.signatureSchemes)
  add(ExtensionType.signature_algorithms, encodeCodePoints(2, [...greaseSignatureSchemes(grease), ...schemes]))
  if (config.certificateSignatureSchemes !== undefined) {
    const inCertificates = schemeCodePoints(config.certificateSignatureSchemes)
    add(ExtensionType.signature_algorithms_cert, encodeCodePoints(2, inCertificates))
  }
  if (config.certificateAuthorities !== undefined && config.certificateAuthorities.length > 0) {
    add(ExtensionType.certificate_authorities, encodeCertificateAuthorities(config.certificateAuthorities))
  }
}

/** Left out where it would say X.509 alone (RFC 7250 4.1). */
function addCertificateTypes(
  extension: number,
  types: readonly CertificateType[] = DEFAULT_CERTIFICATE_TYPES,
  add: (type: number, data: Uint8Array) => void,
): void {
  if (isWorthSaying(types)) add(extension, encodeCertificateTypes(types.map((type) => CERTIFICATE_TYPES[type])))
}
