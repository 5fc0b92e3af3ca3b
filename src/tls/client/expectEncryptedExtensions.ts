/** Waits for EncryptedExtensions (RFC 9846 section 4.4.1): the first message under encryption. */
import { TrefoilError } from '../../errors.js'
import { decodeApplicationProtocols } from '../extensions/applicationProtocols.js'
import { decodeCodePoints } from '../extensions/codePointList.js'
import { checkExtensions, type Extensions } from '../extensions/extension.js'
import { decodeEmpty, decodeRecordSizeLimit } from '../extensions/scalars.js'
import { decodeEncryptedExtensions } from '../messages/encryptedExtensions.js'
import { ExtensionType } from '../wire/codePoints.js'
import type { HandshakeMessage } from '../wire/handshake.js'
import { MAX_INNER_PLAINTEXT_LENGTH } from '../wire/record.js'
import { requireAcceptedType, selectedCertificateTypes } from './certificateTypes.js'
import type { ClientEnvironment, ClientState, ExpectEncryptedExtensions } from './states.js'

export function expectEncryptedExtensions(
  client: ClientEnvironment,
  state: ExpectEncryptedExtensions,
  message: HandshakeMessage,
): ClientState {
  const { offer, keys } = state
  const extensions = checkExtensions(decodeEncryptedExtensions(message.body), 'EE', offer.extensionTypes)
  const serverName = extensions.get(ExtensionType.server_name)
  if (serverName !== undefined) decodeEmpty(serverName, 'server_name in EncryptedExtensions')
  // The server's groups are for later connections; only their form matters here (RFC 9846 4.3.7).
  const groups = extensions.get(ExtensionType.supported_groups)
  if (groups !== undefined) decodeCodePoints(2, groups, 'supported_groups')
  applyRecordSizeLimit(client, extensions)
  client.transcript.add(message.bytes)
  const negotiated = {
    ...state.negotiated,
    applicationProtocol: selectedProtocol(client, extensions),
    certificateTypes: selectedCertificateTypes(client.config, extensions),
  }
  if (negotiated.psk !== null && !negotiated.psk.withCertificate) {
    return { name: 'expectFinished', offer, negotiated, keys, demand: null, server: null }
  }
  requireAcceptedType(client.config, negotiated.certificateTypes)
  const certificateTypeAnswered = extensions.has(ExtensionType.client_certificate_type)
  return { name: 'expectCertificateOrRequest', offer, negotiated, keys, demand: null, certificateTypeAnswered }
}

/** RFC 7301 3.1: exactly one name, and one of ours. */
function selectedProtocol(client: ClientEnvironment, extensions: Extensions): string | null {
  const data = extensions.get(ExtensionType.application_layer_protocol_negotiation)
  if (data === undefined) return null
  const protocols = decodeApplicationProtocols(data)
  const [protocol] = protocols
  if (protocols.length !== 1 || protocol === undefined || !client.config.applicationProtocols?.includes(protocol)) {
    throw new TrefoilError('ERR_ILLEGAL_PARAMETER', 'server selected an application protocol that was not offered')
  }
  return protocol
}

function applyRecordSizeLimit(client: ClientEnvironment, extensions: Extensions): void {
  const data = extensions.get(ExtensionType.record_size_limit)
  if (data === undefined) return
  const peer = decodeRecordSizeLimit(data)
  // RFC 8449 4: a server may not ask for more than the version allows.
  if (peer > MAX_INNER_PLAINTEXT_LENGTH) {
    throw new TrefoilError('ERR_ILLEGAL_PARAMETER', `server set a record size limit of ${peer}, above what TLS 1.3 has`)
  }
  client.channel.setRecordSizeLimits(client.config.recordSizeLimit ?? MAX_INNER_PLAINTEXT_LENGTH, peer)
}
