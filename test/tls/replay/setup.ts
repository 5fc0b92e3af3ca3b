/** What our core is told so that it speaks as the recorded side did: configuration and answers, both from the trace. */
import { fromHex, toHex } from '../../../src/bytes.js'
import {
  type CryptoProvider,
  cipherSuiteByCodePoint,
  groupByCodePoint,
  HYBRID_GROUPS,
  MLDSA_SCHEMES,
  nodeProvider,
  SIGNATURE_SCHEMES,
  type SignatureSchemeName,
  schemeByCodePoint,
} from '../../../src/crypto/index.js'
import { certificateKey, parseCertificate } from '../../../src/pki/index.js'
import { decodeCodePoints } from '../../../src/tls/extensions/codePointList.js'
import {
  BINDER_LABELS,
  type ClientConfig,
  type CommonConfig,
  type Credential,
  nothingToOffer,
  type OfferedPsk,
  type PskKind,
  type RequestHandlers,
  type ServerConfig,
} from '../../../src/tls/index.js'
import { decodeCertificate, decodeCertificateRequest } from '../../../src/tls/messages/certificate.js'
import { decodeCertificateVerify } from '../../../src/tls/messages/certificateVerify.js'
import { decodeClientHello } from '../../../src/tls/messages/clientHello.js'
import { readClientHelloExtensions } from '../../../src/tls/messages/clientHelloExtensions.js'
import { decodeServerHello, isHelloRetryRequest } from '../../../src/tls/messages/serverHello.js'
import { ExtensionType } from '../../../src/tls/wire/codePoints.js'
import {
  messagesOf,
  opensslIdentities,
  type RecordedKeyPair,
  type RecordedMessage,
  type RecordedValues,
  type Role,
  seedOf,
  type Trace,
} from '../../support/traces.js'

export function clientConfig(crypto: CryptoProvider, trace: Trace): ClientConfig {
  const hello = decodeClientHello(messageOf(trace, 'client', 'client_hello').body)
  const extensions = readClientHelloExtensions(hello)
  return {
    ...commonConfig(crypto, trace),
    cipherSuites: hello.cipherSuites.map(cipherSuiteByCodePoint).filter(known),
    serverName: extensions.serverName,
    keyShareGroups: extensions.keyShares.map(({ group }) => groupByCodePoint(group)).filter(known),
    middleboxCompatibility: hello.sessionId.length > 0,
    tickets: extensions.pskDheKe,
    grease: false,
    ...(extensions.recordSizeLimit === null ? {} : { recordSizeLimit: extensions.recordSizeLimit }),
  }
}

export function serverConfig(crypto: CryptoProvider, trace: Trace): ServerConfig {
  const messages = messagesOf(trace)
  const retried = messages.filter(({ type }) => type === 'client_hello').length > 1
  const request = messages.find(({ type }) => type === 'certificate_request')
  return {
    ...commonConfig(crypto, trace),
    groups: trace.values.serverKeyPairs?.map(({ group }) => group) ?? HYBRID_GROUPS,
    signatureSchemes: request === undefined ? MLDSA_SCHEMES : requestedSchemes(request),
    clientCertificate: request === undefined ? 'no' : 'require',
    tickets: 0,
    ...(retried ? { cookieKey: new Uint8Array(32).fill(0x5a) } : {}),
  }
}

function requestedSchemes({ body }: RecordedMessage): SignatureSchemeName[] {
  const { extensions } = decodeCertificateRequest(body)
  const algorithms = extensions.find(({ type }) => type === ExtensionType.signature_algorithms)
  const codePoints = decodeCodePoints(2, algorithms?.data ?? new Uint8Array(0), 'signature_algorithms')
  return codePoints.map(schemeByCodePoint).filter(known)
}

/** Groups and schemes are those of the recorded ClientHello, in its order, as far as we know them. */
function commonConfig(crypto: CryptoProvider, trace: Trace): CommonConfig {
  const hello = decodeClientHello(messageOf(trace, 'client', 'client_hello').body)
  const { supportedGroups, signatureAlgorithms } = readClientHelloExtensions(hello)
  return {
    crypto,
    cipherSuites: [trace.values.cipherSuite],
    groups: supportedGroups.map(groupByCodePoint).filter(known),
    signatureSchemes: (signatureAlgorithms ?? []).map(schemeByCodePoint).filter(known),
    keylog: true,
  }
}

/** Answers for either role. Nothing here is random and the clock stands still. */
export function handlersFor(crypto: CryptoProvider, trace: Trace, role: Role): RequestHandlers {
  const { values } = trace
  return {
    ...nothingToOffer,
    random: ({ purpose }) => {
      const hello = decodeClientHello(messageOf(trace, 'client', 'client_hello').body)
      if (purpose === 'ClientHello.random') return hello.random
      if (purpose === 'legacy_session_id') return hello.sessionId
      if (purpose === 'ServerHello.random') return serverRandom(trace)
      throw new Error(`a replay has no randomness for ${purpose}`)
    },
    currentTime: () => 0,
    generateKeyShare: ({ group }) =>
      crypto.generateKeyShare(group, seedOf(pairFor(values.clientKeyPairs, group, trace.id))),
    respondToKeyShare: ({ group, clientShare }) =>
      crypto.respondToKeyShare(group, clientShare, seedOf(pairFor(values.serverKeyPairs, group, trace.id))),
    offerPsks: () => ({ psks: recordedPsks(values), withCertificate: false, required: false }),
    selectPsk: ({ identities }) => {
      const index = identities.findIndex(({ identity }) => toHex(identity) === values.pskIdentity)
      if (index < 0) return null
      return { index, hash: values.hash, kind: kindOf(values), withCertificate: false, source: trace.id }
    },
    fetchPsk: () => fromHex(values.psk as string),
    selectCertificate: ({ signatureSchemes }) => {
      const credential = credentialOf(crypto, trace, role)
      if (credential === null) return null
      if (!signatureSchemes.includes(credential.signatureScheme)) throw new Error('the peer did not ask for our scheme')
      return credential
    },
    verifyCertificate: ({ certificateChain }) => {
      const leaf = parseCertificate(certificateChain[0] as Uint8Array)
      // The noble provider has no RSA: a driver may bring its key from elsewhere.
      const rsa = leaf.publicKeyInfo.algorithm === 'rsa'
      return { publicKey: certificateKey(leaf, rsa ? nodeProvider : crypto), source: trace.id }
    },
    sign: ({ credential, message }) => credential.signer.sign(credential.signatureScheme, message),
  }
}

/** The first such message of the trace. */
export function messageOf(trace: Trace, from: Role, type: RecordedMessage['type']): RecordedMessage {
  const message = messagesOf(trace).find((candidate) => candidate.from === from && candidate.type === type)
  if (message === undefined) throw new Error(`${trace.id} has no ${type} of the ${from}`)
  return message
}

export function recordedPsks(values: RecordedValues): OfferedPsk[] {
  if (values.psk === undefined || values.pskIdentity === undefined) return []
  return [
    {
      identity: fromHex(values.pskIdentity),
      obfuscatedTicketAge: values.pskObfuscatedTicketAge ?? 0,
      psk: fromHex(values.psk),
      hash: values.hash,
      kind: kindOf(values),
      source: null,
    },
  ]
}

export function kindOf({ binder }: RecordedValues): PskKind {
  return binder?.label === BINDER_LABELS.external ? 'external' : 'resumption'
}

function serverRandom(trace: Trace): Uint8Array {
  const hellos = messagesOf(trace).filter(({ type }) => type === 'server_hello')
  const answer = hellos.map(({ body }) => decodeServerHello(body)).find((hello) => !isHelloRetryRequest(hello))
  if (answer === undefined) throw new Error(`${trace.id} has no ServerHello`)
  return answer.random
}

function pairFor(pairs: readonly RecordedKeyPair[] = [], group: string, id: string): RecordedKeyPair {
  const pair = pairs.find((candidate) => candidate.group === group)
  if (pair === undefined) throw new Error(`${id} has no ${group} key pair`)
  return pair
}

/** The recorded side's certificate and its key, or, for classical keys, its recorded signature. */
function credentialOf(crypto: CryptoProvider, trace: Trace, role: Role): Credential | null {
  const { values } = trace
  const seed = role === 'client' ? values.clientSigningKeySeed : values.serverSigningKeySeed
  const codePoint = role === 'client' ? values.clientSignatureScheme : values.serverSignatureScheme
  if (seed !== undefined && codePoint !== undefined) {
    const scheme = schemeByCodePoint(Number.parseInt(codePoint, 16)) as SignatureSchemeName
    const { key: algorithm } = SIGNATURE_SCHEMES[scheme]
    const key = crypto.signingKey({ algorithm: algorithm as 'mldsa65', seed: fromHex(seed) })
    const certificate = opensslIdentities()
      .map((identity) => fromHex(identity.certificate))
      .find((der) => parseCertificate(der).publicKeyInfo.algorithm === algorithm)
    if (certificate === undefined) throw new Error(`the recordings have no ${algorithm} identity`)
    const sign = (name: SignatureSchemeName, message: Uint8Array) => key.sign(name, message, { deterministic: true })
    return { certificateChain: [certificate], signatureScheme: scheme, signer: { sign } }
  }
  if (!messagesOf(trace).some(({ from, type }) => from === role && type === 'certificate_verify')) return null
  const { algorithm, signature } = decodeCertificateVerify(messageOf(trace, role, 'certificate_verify').body)
  const { entries } = decodeCertificate(messageOf(trace, role, 'certificate').body)
  return {
    certificateChain: entries.map(({ certificate }) => certificate),
    signatureScheme: schemeByCodePoint(algorithm) as SignatureSchemeName,
    signer: { sign: () => signature },
  }
}

function known<T>(value: T | undefined): value is T {
  return value !== undefined
}
