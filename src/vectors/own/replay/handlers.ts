/** What the core asks while it plays one end of a trace, answered from the inputs: nothing is random, the clock stands. */
import { concat, fromHex, toHex } from '../../../bytes.js'
import { type CryptoProvider, MLDSA_SCHEMES, type SigningKey } from '../../../crypto/index.js'
import { TrefoilError } from '../../../errors.js'
import { loadTrustAnchors, parsePublicKey, verifyChain } from '../../../pki/index.js'
import {
  type Credential,
  nothingToOffer,
  type RequestHandlers,
  type VerifiedPeer,
  type VerifyCertificateRequest,
} from '../../../tls/index.js'
import { seedOf } from '../recompute/keyExchange.js'
import type { Identity, Inputs, KeyPairInput, Role, TraceFile } from '../trace.js'
import { pskFor } from './psks.js'
import { pskHandlers } from './selectPsk.js'

export function handlersFor(
  crypto: CryptoProvider,
  identities: TraceFile['identities'],
  inputs: Inputs,
  role: Role,
): RequestHandlers {
  const { client, server, time } = inputs
  const tickets = [...server.tickets]
  const ageAdds = server.tickets.map(({ ageAdd }) => ageAdd)
  return {
    ...nothingToOffer,
    ...pskHandlers(crypto, server),
    random: ({ purpose }) => {
      if (purpose === 'ClientHello.random') return fromHex(client.random)
      if (purpose === 'ServerHello.random') return fromHex(server.random)
      if (purpose === 'legacy_session_id') return fromHex(client.sessionId)
      if (purpose === 'GREASE') return fromHex(client.grease ?? '')
      if (purpose === 'ticket_age_add') return u32(ageAdds.shift() ?? 0)
      throw new Error(`a trace has no randomness for ${purpose}`)
    },
    currentTime: () => time,
    generateKeyShare: ({ group }) => crypto.generateKeyShare(group, seedOf(pairFor(client.keyPairs, group))),
    respondToKeyShare: ({ group, clientShare }) =>
      crypto.respondToKeyShare(group, clientShare, seedOf(pairFor(server.keyPairs, group))),
    offerPsks: ({ hashes }) => ({
      psks: pskFor(crypto, client.psks, hashes),
      withCertificate: client.withCertificate,
      required: client.pskRequired,
    }),
    selectCertificate: ({ signatureSchemes, certificateType }) => {
      const identity = identities[inputs[role].identity ?? '']
      if (identity === undefined || !signatureSchemes.includes(identity.algorithm)) return null
      return credential(crypto, identity, certificateType === 'RawPublicKey')
    },
    verifyCertificate: (request) =>
      verify(
        crypto,
        request,
        (inputs[role].trusts ?? []).flatMap((name) => identities[name] ?? []),
        time,
      ),
    sign: ({ credential, message }) => credential.signer.sign(credential.signatureScheme, message),
    selectApplicationProtocol: ({ protocols }) =>
      server.applicationProtocols?.find((protocol) => protocols.includes(protocol)) ?? null,
    sealTicket: () => {
      const ticket = tickets.shift()
      return ticket === undefined ? null : fromHex(ticket.ticket)
    },
  }
}

function credential(crypto: CryptoProvider, identity: Identity, raw: boolean): Credential | null {
  const shown = raw ? identity.subjectPublicKeyInfo : identity.certificate
  if (shown === undefined) return null
  let key: SigningKey | null = null
  return {
    certificateChain: [fromHex(shown)],
    signatureScheme: identity.algorithm,
    signer: {
      sign: (scheme, message) => {
        key ??= crypto.signingKey({ algorithm: identity.algorithm, seed: fromHex(identity.seed) })
        return key.sign(scheme, message, { deterministic: true })
      },
    },
  }
}

function verify(
  crypto: CryptoProvider,
  { certificateChain, certificateType, serverName, peer }: VerifyCertificateRequest,
  trusted: readonly Identity[],
  time: number,
): VerifiedPeer {
  if (certificateType === 'RawPublicKey') {
    const shown = certificateChain[0] as Uint8Array
    const { algorithm, publicKey } = parsePublicKey(shown)
    const pinned = trusted.find(({ subjectPublicKeyInfo }) => subjectPublicKeyInfo === toHex(shown))
    if (pinned === undefined || algorithm === null) {
      throw new TrefoilError('ERR_UNTRUSTED_KEY', `${peer} showed a raw public key that is not pinned`)
    }
    return { publicKey: crypto.verifyingKey(algorithm, publicKey), source: null }
  }
  const anchors = loadTrustAnchors(trusted.flatMap(({ certificate }) => (certificate ? [fromHex(certificate)] : [])))
  const { publicKey } = verifyChain({
    chain: certificateChain,
    anchors,
    time,
    ...(serverName === null ? {} : { serverName }),
    usage: peer,
    allowedSchemes: MLDSA_SCHEMES,
    crypto,
  })
  return { publicKey, source: null }
}

function pairFor(pairs: readonly KeyPairInput[], group: string): KeyPairInput {
  const pair = pairs.find((candidate) => candidate.group === group)
  if (pair === undefined) throw new Error(`the inputs have no key pair of ${group}`)
  return pair
}

function u32(value: number): Uint8Array {
  return concat(Uint8Array.of(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff))
}
