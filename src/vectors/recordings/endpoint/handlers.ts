/** What our core is answered so that it speaks as the recorded side did. Nothing here is random and the clock stands still. */
import { fromHex, toHex } from '../../../bytes.js'
import { nodeProvider } from '../../../crypto/node/index.js'
import type { CryptoProvider } from '../../../crypto/provider.js'
import { certificateKey, parseCertificate } from '../../../pki/index.js'
import { nothingToOffer } from '../../../tls/defaultHandlers.js'
import { BINDER_LABELS } from '../../../tls/keySchedule.js'
import { readClientHelloExtensions } from '../../../tls/messages/clientHelloExtensions.js'
import { decodeServerHello, isHelloRetryRequest } from '../../../tls/messages/serverHello.js'
import type { OfferedPsk, PskKind, RequestHandlers } from '../../../tls/requests.js'
import { messagesOf } from '../messages.js'
import { type RecordedKeyPair, type RecordedValues, type Recording, type Role, seedOf } from '../recording.js'
import { clientHelloOf } from './config.js'
import { credentialOf } from './credential.js'

/** Answers for either role. */
export function handlersFor(crypto: CryptoProvider, recording: Recording, role: Role): RequestHandlers {
  const { id, values } = recording
  const hello = clientHelloOf(recording)
  const { certWithExternPsk: withCertificate } = readClientHelloExtensions(hello)
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
    offerPsks: () => ({ psks: recordedPsks(recording), withCertificate, required: false }),
    selectPsk: ({ identities }) => {
      const [psk] = recordedPsks(recording)
      if (psk === undefined) return null
      const index = identities.findIndex(({ identity }) => toHex(identity) === toHex(psk.identity))
      if (index < 0) return null
      return { index, hash: values.hash, kind: psk.kind, withCertificate, source: id }
    },
    fetchPsk: () => fromHex(values.psk as string),
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

/** The one that the recording has. RFC 8448 does not say which identity it goes by: then it is the first of the hello. */
export function recordedPsks(recording: Recording): OfferedPsk[] {
  const { psk, pskIdentity, pskObfuscatedTicketAge, hash } = recording.values
  if (psk === undefined) return []
  const [first] = readClientHelloExtensions(clientHelloOf(recording)).offeredPsks?.identities ?? []
  const identity = pskIdentity === undefined ? first?.identity : fromHex(pskIdentity)
  if (identity === undefined) return []
  const obfuscatedTicketAge = pskObfuscatedTicketAge ?? first?.obfuscatedTicketAge ?? 0
  return [{ identity, obfuscatedTicketAge, psk: fromHex(psk), hash, kind: pskKindOf(recording.values), source: null }]
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
