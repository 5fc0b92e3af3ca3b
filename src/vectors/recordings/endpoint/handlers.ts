/** What our core is answered so that it speaks as the recorded side did. Nothing here is random and the clock stands still. */
import { fromHex, toHex } from '../../../bytes.js'
import { hashLength } from '../../../crypto/cipherSuites.js'
import { nodeProvider } from '../../../crypto/node/index.js'
import type { CryptoProvider, HashAlgorithm } from '../../../crypto/provider.js'
import { certificateKey, parseCertificate } from '../../../pki/index.js'
import { nothingToOffer } from '../../../tls/defaultHandlers.js'
import { decodeApplicationProtocols } from '../../../tls/extensions/applicationProtocols.js'
import { BINDER_LABELS } from '../../../tls/keySchedule.js'
import { readClientHelloExtensions } from '../../../tls/messages/clientHelloExtensions.js'
import { decodeServerHello, isHelloRetryRequest } from '../../../tls/messages/serverHello.js'
import type { OfferedPsk, PskKind, RequestHandlers } from '../../../tls/requests.js'
import { ExtensionType } from '../../../tls/wire/codePoints.js'
import { messagesOf } from '../messages.js'
import { type RecordedKeyPair, type RecordedValues, type Recording, type Role, seedOf } from '../recording.js'
import { clientHelloOf, encryptedExtension } from './config.js'
import { credentialOf } from './credential.js'

const HASHES: readonly HashAlgorithm[] = ['SHA-256', 'SHA-384']

/** Answers for either role. */
export function handlersFor(crypto: CryptoProvider, recording: Recording, role: Role): RequestHandlers {
  const { id, values } = recording
  const hello = clientHelloOf(recording)
  const { certWithExternPsk: withCertificate, signatureAlgorithms } = readClientHelloExtensions(hello)
  // RFC 9846 4.3.3: whoever takes no certificate asks for no signature.
  const required = signatureAlgorithms === null
  return {
    ...nothingToOffer,
    random: ({ purpose }) => {
      if (purpose === 'ClientHello.random') return hello.random
      if (purpose === 'legacy_session_id') return hello.sessionId
      if (purpose === 'ServerHello.random') return serverRandom(recording)
      throw new Error(`a replay has no randomness for ${purpose}`)
    },
    currentTime: () => 0,
    generateKeyShare: ({ group }) => crypto.generateKeyShare(group, seedOf(pairFor(values.clientKeyPairs, group, id))),
    respondToKeyShare: ({ group, clientShare }) =>
      crypto.respondToKeyShare(group, clientShare, seedOf(pairFor(values.serverKeyPairs, group, id))),
    offerPsks: () => ({ psks: recordedPsks(recording), withCertificate, required }),
    selectPsk: ({ identities }) => {
      if (values.psk === undefined || values.pskAccepted === false) return null
      const index = identities.findIndex(({ identity }, place) => isOfPsk(values, identity, place))
      if (index < 0) return null
      return { index, hash: values.hash, kind: pskKindOf(values), withCertificate, source: id }
    },
    fetchPsk: () => fromHex(values.psk as string),
    selectApplicationProtocol: () => {
      const chosen = encryptedExtension(recording, ExtensionType.application_layer_protocol_negotiation)
      return chosen === null ? null : (decodeApplicationProtocols(chosen)[0] ?? null)
    },
    selectCertificate: ({ signatureSchemes }) => {
      const credential = credentialOf(crypto, recording, role)
      if (credential === null) return null
      if (!signatureSchemes.includes(credential.signatureScheme)) throw new Error('the peer did not ask for our scheme')
      return credential
    },
    verifyCertificate: ({ certificateChain }) => {
      const leaf = parseCertificate(certificateChain[0] as Uint8Array)
      // The noble provider has no RSA: a driver may bring its key from elsewhere.
      const rsa = leaf.publicKeyInfo.algorithm?.startsWith('rsa') === true
      return { publicKey: certificateKey(leaf, rsa ? nodeProvider : crypto), source: id }
    },
    sign: ({ credential, message }) => credential.signer.sign(credential.signatureScheme, message),
  }
}

/**
 * Those of the recorded hello. The recording has one of them; others, such as the same key imported for another hash, are there
 * by their identities alone.
 */
function recordedPsks(recording: Recording): OfferedPsk[] {
  const { values } = recording
  const { psk } = values
  const offered = readClientHelloExtensions(clientHelloOf(recording)).offeredPsks
  if (psk === undefined || offered === null) return []
  const kind = pskKindOf(values)
  return offered.identities.map(({ identity, obfuscatedTicketAge }, place) => {
    if (isOfPsk(values, identity, place)) {
      const age = values.pskObfuscatedTicketAge ?? obfuscatedTicketAge
      return { identity, obfuscatedTicketAge: age, psk: fromHex(psk), hash: values.hash, kind, source: null }
    }
    const length = offered.binders[place]?.length ?? 0
    const hash = HASHES.find((name) => hashLength(name) === length) ?? values.hash
    return { identity, obfuscatedTicketAge, psk: new Uint8Array(length), hash, kind, source: null }
  })
}

/** RFC 8448 does not say which identity its PSK goes by: then it is the first of the hello. */
function isOfPsk({ pskIdentity }: RecordedValues, identity: Uint8Array, place: number): boolean {
  return pskIdentity === undefined ? place === 0 : toHex(identity) === pskIdentity
}

export function pskKindOf({ binder }: RecordedValues): PskKind {
  const kinds = Object.keys(BINDER_LABELS) as PskKind[]
  return kinds.find((kind) => BINDER_LABELS[kind] === binder?.label) ?? 'resumption'
}

function serverRandom(recording: Recording): Uint8Array {
  const hellos = messagesOf(recording).filter(({ type }) => type === 'server_hello')
  const answer = hellos.map(({ body }) => decodeServerHello(body)).find((hello) => !isHelloRetryRequest(hello))
  if (answer === undefined) throw new Error(`${recording.id} has no ServerHello`)
  return answer.random
}

function pairFor(pairs: readonly RecordedKeyPair[] = [], group: string, id: string): RecordedKeyPair {
  const pair = pairs.find((candidate) => candidate.group === group)
  if (pair === undefined) throw new Error(`${id} has no ${group} key pair`)
  return pair
}
