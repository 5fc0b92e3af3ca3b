/**
 * What of the server's flight can still refuse a client: no certificate that it can verify, a key share that is none.
 * Done as the flight is sent; or before, where a PSK is chosen that can be fetched only once.
 */
import type { NamedGroupName } from '../../crypto/groups.js'
import type { KeyShareResponse } from '../../crypto/provider.js'
import { TrefoilError } from '../../errors.js'
import type { ClientHelloExtensions } from '../messages/clientHelloExtensions.js'
import { ask, type Credential, type PskSelection, type Task } from '../requests.js'
import { knownSchemes } from '../shared/authentication.js'
import { chooseCertificateTypes } from './certificateTypes.js'
import type { ServerEnvironment } from './states.js'

export interface PreparedFlight {
  /** Null: not looked for yet. */
  readonly credential: Credential | null
  /** Null: not made yet. Its secret is the handshake's to wipe. */
  readonly keyShare: KeyShareResponse | null
}

const NOTHING: PreparedFlight = { credential: null, keyShare: null }

/** Prepares all there is where a key would be spent on the hello, and nothing where it would not. */
export function* prepareFlight(
  server: ServerEnvironment,
  extensions: ClientHelloExtensions,
  group: NamedGroupName,
  clientShare: Uint8Array,
  selection: PskSelection | null,
): Task<PreparedFlight> {
  // A PSK that costs nothing is fetched first, since a wrong binder is found for less than a key exchange.
  if (selection?.costsKey !== true) return NOTHING
  const credential = selection.withCertificate ? yield* selectCredential(server, extensions) : null
  return { credential, keyShare: yield* respondToKeyShare(server, group, clientShare) }
}

export function* selectCredential(server: ServerEnvironment, extensions: ClientHelloExtensions): Task<Credential> {
  if (extensions.signatureAlgorithms === null) {
    // RFC 9846 4.3.3
    throw new TrefoilError('ERR_MISSING_EXTENSION', 'client sent no signature_algorithms, and no pre-shared key serves')
  }
  const inCertificates = extensions.signatureAlgorithmsCert ?? extensions.signatureAlgorithms
  const credential = yield* ask<'selectCertificate'>({
    type: 'selectCertificate',
    role: 'server',
    certificateType: chooseCertificateTypes(server.config, extensions).server,
    signatureSchemes: knownSchemes(extensions.signatureAlgorithms, true),
    certificateSignatureSchemes: knownSchemes(inCertificates, false),
    certificateAuthorities: extensions.certificateAuthorities,
    serverName: extensions.serverName,
    applicationProtocols: extensions.applicationProtocols,
  })
  if (credential === null) {
    throw new TrefoilError(
      'ERR_NO_COMMON_SIGNATURE_SCHEME',
      'this server has no certificate that the client can verify',
    )
  }
  return credential
}

export function* respondToKeyShare(
  server: ServerEnvironment,
  group: NamedGroupName,
  clientShare: Uint8Array,
): Task<KeyShareResponse> {
  const response = yield* ask<'respondToKeyShare'>({ type: 'respondToKeyShare', group, clientShare })
  server.secrets.keep(response.sharedSecret)
  return response
}
