/** Waits for ServerHello, or for HelloRetryRequest where none has come yet (RFC 9846 sections 4.2.3 and 4.2.4). */
import { equalBytes } from '../../bytes.js'
import { CIPHER_SUITES, type CipherSuiteName, cipherSuiteByCodePoint } from '../../crypto/cipherSuites.js'
import { groupByCodePoint, type NamedGroupName } from '../../crypto/groups.js'
import { TrefoilError } from '../../errors.js'
import { checkExtensions, type Extensions } from '../extensions/extension.js'
import { decodeServerKeyShare } from '../extensions/keyShare.js'
import { decodeSelectedIdentity } from '../extensions/preSharedKey.js'
import { decodeEmpty, decodeSelectedVersion } from '../extensions/scalars.js'
import { EarlySecret } from '../keySchedule.js'
import { decodeServerHello, isHelloRetryRequest, type ServerHello } from '../messages/serverHello.js'
import type { Task } from '../requests.js'
import { deriveHandshakeKeys } from '../shared/keys.js'
import { ExtensionType, VERSION_TLS13 } from '../wire/codePoints.js'
import type { HandshakeMessage } from '../wire/handshake.js'
import { handleHelloRetryRequest } from './helloRetryRequest.js'
import type { ClientEnvironment, ClientOffer, ClientState, ExpectServerHello, OfferedPskWithSecret } from './states.js'

export function* expectServerHello(
  client: ClientEnvironment,
  state: ExpectServerHello,
  message: HandshakeMessage,
): Task<ClientState> {
  const hello = decodeServerHello(message.body)
  requireTls13(hello)
  if (!equalBytes(hello.sessionId, state.offer.sessionId)) illegal('did not echo the session id')
  const cipherSuite = selectedSuite(client, hello)
  if (isHelloRetryRequest(hello)) {
    if (state.name === 'expectSecondServerHello') {
      throw new TrefoilError('ERR_UNEXPECTED_MESSAGE', 'server sent a second HelloRetryRequest')
    }
    return yield* handleHelloRetryRequest(client, state.offer, hello, cipherSuite, message)
  }
  if (state.retry !== null && state.retry.cipherSuite !== cipherSuite) {
    illegal('changed its cipher suite after HelloRetryRequest')
  }
  const extensions = checkExtensions(hello.extensions, 'SH', state.offer.extensionTypes)
  const psk = selectedPsk(state.offer, extensions, cipherSuite)
  const { group, sharedSecret } = agree(client, state, extensions, psk)
  return enterHandshake(client, state, message, { cipherSuite, group, psk }, sharedSecret)
}

interface Selected {
  readonly cipherSuite: CipherSuiteName
  readonly group: NamedGroupName
  readonly psk: OfferedPskWithSecret | null
}

/** Switches both directions to the handshake keys. */
function enterHandshake(
  client: ClientEnvironment,
  state: ExpectServerHello,
  message: HandshakeMessage,
  { cipherSuite, group, psk }: Selected,
  sharedSecret: Uint8Array,
): ClientState {
  const { hash } = CIPHER_SUITES[cipherSuite]
  client.transcript.start(hash)
  client.transcript.add(message.bytes)
  const earlySecret = psk?.earlySecret ?? client.secrets.keep(new EarlySecret(client.crypto, hash, null))
  const keys = deriveHandshakeKeys(client, earlySecret, sharedSecret, state.offer.random)
  for (const other of state.offer.psks) other.earlySecret.wipe()
  client.channel.protectReading(cipherSuite, keys.serverTrafficSecret)
  // RFC 9846 appendix E.4: before the second flight, unless it went before the second ClientHello.
  if (state.offer.sessionId.length > 0 && state.retry === null) client.channel.sendChangeCipherSpec()
  client.channel.protectWriting(cipherSuite, keys.clientTrafficSecret)
  const { withCertificate } = state.offer.pskPolicy
  return {
    name: 'expectEncryptedExtensions',
    offer: state.offer,
    keys,
    negotiated: {
      cipherSuite,
      hash,
      group,
      psk: psk === null ? null : { ...pick(psk), withCertificate },
      serverName: client.config.serverName,
      applicationProtocol: null,
      certificateTypes: { server: 'X509', client: 'X509' },
      helloRetryRequest: state.retry !== null,
      clientRandom: state.offer.random,
    },
  }
}

/** A hello without supported_versions is TLS 1.2 or older, whatever else it says (RFC 9846 4.3.1). */
function requireTls13(hello: ServerHello): void {
  const version = hello.extensions.find(({ type }) => type === ExtensionType.supported_versions)
  if (version === undefined) {
    throw new TrefoilError('ERR_PROTOCOL_VERSION', 'server negotiated a version older than TLS 1.3')
  }
  if (decodeSelectedVersion(version.data) !== VERSION_TLS13) illegal('selected a version that was not offered')
}

function selectedSuite(client: ClientEnvironment, hello: ServerHello): CipherSuiteName {
  const suite = cipherSuiteByCodePoint(hello.cipherSuite)
  if (suite === undefined || !client.config.cipherSuites.includes(suite)) {
    return illegal(`selected cipher suite ${hello.cipherSuite}, which was not offered`)
  }
  return suite
}

/** The PSK that the server took, held against what our policy asks for. */
function selectedPsk(offer: ClientOffer, extensions: Extensions, suite: CipherSuiteName): OfferedPskWithSecret | null {
  const selected = extensions.get(ExtensionType.pre_shared_key)
  const certificateToo = extensions.get(ExtensionType.tls_cert_with_extern_psk)
  if (certificateToo !== undefined) {
    decodeEmpty(certificateToo, 'tls_cert_with_extern_psk')
    // RFC 9973 5: its companions in a ServerHello.
    if (selected === undefined) illegal('sent tls_cert_with_extern_psk without pre_shared_key')
  }
  if (selected === undefined) {
    if (offer.pskPolicy.required) {
      throw new TrefoilError(
        'ERR_POLICY_PSK_NOT_MIXED',
        'server went on without the pre-shared key that our policy requires',
      )
    }
    return null
  }
  const psk = offer.psks[decodeSelectedIdentity(selected)]
  if (psk === undefined) return illegal('selected an identity that was not offered')
  // RFC 9846 4.3.11
  if (psk.offered.hash !== CIPHER_SUITES[suite].hash)
    illegal('selected a pre-shared key with the hash of another suite')
  if (offer.pskPolicy.withCertificate && certificateToo === undefined) {
    // RFC 9973 lets a server fall back in silence; a client that wants both must say no itself.
    const message = 'server took the pre-shared key but left out the certificate that our policy requires with it'
    throw new TrefoilError('ERR_POLICY_CERTIFICATE_MISSING', message)
  }
  return psk
}

function agree(
  client: ClientEnvironment,
  state: ExpectServerHello,
  extensions: Extensions,
  psk: OfferedPskWithSecret | null,
): { group: NamedGroupName; sharedSecret: Uint8Array } {
  const data = extensions.get(ExtensionType.key_share)
  if (data === undefined) {
    // Only psk_dhe_ke was offered, so a PSK alone is a wrong parameter; neither of both is a missing extension.
    if (psk !== null) return illegal('selected a pre-shared key without a key share')
    throw new TrefoilError('ERR_MISSING_EXTENSION', 'server sent no key_share')
  }
  const entry = decodeServerKeyShare(data)
  const group = groupByCodePoint(entry.group)
  const share = group === undefined ? undefined : state.offer.keyShares.get(group)
  if (group === undefined || share === undefined) return illegal('sent a key share for a group that was not asked for')
  const sharedSecret = client.secrets.keep(share.agree(entry.keyExchange))
  for (const other of state.offer.keyShares.values()) other.wipe()
  return { group, sharedSecret }
}

function pick({ offered: { kind, identity, source } }: OfferedPskWithSecret) {
  return { kind, identity, source }
}

function illegal(what: string): never {
  throw new TrefoilError('ERR_ILLEGAL_PARAMETER', `server ${what}`)
}
