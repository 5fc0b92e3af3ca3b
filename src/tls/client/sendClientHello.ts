/** The client's first message, and its second after a HelloRetryRequest (RFC 9846 sections 4.2.2 and 4.2.4). */
import { EMPTY, wipe } from '../../bytes.js'
import { CIPHER_SUITES, hashLength } from '../../crypto/cipherSuites.js'
import { NAMED_GROUPS, type NamedGroupName } from '../../crypto/groups.js'
import type { KeyShare } from '../../crypto/provider.js'
import { TrefoilError } from '../../errors.js'
import { fillBinders, truncateClientHello } from '../extensions/preSharedKey.js'
import { BINDER_LABELS, EarlySecret } from '../keySchedule.js'
import { encodeClientHello } from '../messages/clientHello.js'
import { ask, type PskOffer, type Task } from '../requests.js'
import { hashesOf } from '../shared/keys.js'
import { clientHelloExtensions } from './clientHelloExtensions.js'
import { greaseSuites } from './grease.js'
import type { ClientEnvironment, ClientOffer, ExpectServerHello, OfferedPskWithSecret, Retry } from './states.js'

/** Gathers randomness, key shares and PSKs, and sends the first ClientHello. */
export function* sendFirstClientHello(client: ClientEnvironment): Task<ExpectServerHello> {
  const { config } = client
  const random = yield* ask<'random'>({ type: 'random', purpose: 'ClientHello.random', length: 32 })
  const compatible = config.middleboxCompatibility !== false
  const sessionId = compatible
    ? yield* ask<'random'>({ type: 'random', purpose: 'legacy_session_id', length: 32 })
    : EMPTY
  const grease = config.grease === false ? null : yield* ask<'random'>({ type: 'random', purpose: 'GREASE', length: 8 })
  const pskOffer = yield* offerPsks(client)
  const keyShares = new Map<NamedGroupName, KeyShare>()
  for (const group of config.keyShareGroups ?? config.groups.slice(0, 1)) {
    keyShares.set(group, yield* generateKeyShare(client, group))
  }
  const psks = pskOffer.psks.map((offered) => ({
    offered,
    earlySecret: client.secrets.keep(new EarlySecret(client.crypto, offered.hash, offered.psk)),
  }))
  // They have entered their Early Secrets and are not needed any more.
  for (const { psk } of pskOffer.psks) wipe(psk)
  const draft = {
    random,
    sessionId,
    grease,
    keyShares,
    psks,
    pskPolicy: pskOffer,
    sentAt: pskOffer.psks.length > 0 ? yield* ask<'currentTime'>({ type: 'currentTime' }) : 0,
    extensionTypes: new Set<number>(),
  }
  const offer = send(client, draft, null, null)
  client.channel.allowChangeCipherSpec(true)
  return { name: 'expectServerHello', offer, retry: null }
}

/** Answers a HelloRetryRequest; `retry` says what it asked for. The transcript already ends with it. */
export function* sendSecondClientHello(
  client: ClientEnvironment,
  first: ClientOffer,
  retry: Retry,
  cookie: Uint8Array | null,
): Task<ExpectServerHello> {
  let keyShares = first.keyShares
  if (retry.group !== null) {
    for (const share of keyShares.values()) share.wipe()
    keyShares = new Map([[retry.group, yield* generateKeyShare(client, retry.group)]])
  }
  // RFC 9846 4.2.4: PSKs that do not fit the suite's hash may be dropped now.
  const { hash } = CIPHER_SUITES[retry.cipherSuite]
  const psks = first.psks.filter(({ offered }) => offered.hash === hash)
  const pskNeeded = first.psks.length > 0 && (first.pskPolicy.required || first.pskPolicy.withCertificate)
  if (pskNeeded && psks.length === 0) {
    const message = 'server chose a cipher suite that none of the required pre-shared keys can be used with'
    throw new TrefoilError('ERR_POLICY_PSK_NOT_MIXED', message)
  }
  const sentAt = psks.length > 0 ? yield* ask<'currentTime'>({ type: 'currentTime' }) : first.sentAt
  const aged = psks.map((psk) => withAge(psk, sentAt - first.sentAt))
  if (first.sessionId.length > 0) client.channel.sendChangeCipherSpec()
  const offer = send(client, { ...first, keyShares, psks: aged, sentAt }, retry.group, cookie)
  return { name: 'expectSecondServerHello', offer, retry }
}

function send(
  client: ClientEnvironment,
  draft: ClientOffer,
  retryGroup: NamedGroupName | null,
  cookie: Uint8Array | null,
): ClientOffer {
  const extensions = clientHelloExtensions(client.config, draft, retryGroup, cookie)
  const unsigned = encodeClientHello({
    random: draft.random,
    sessionId: draft.sessionId,
    cipherSuites: [
      ...greaseSuites(draft.grease),
      ...client.config.cipherSuites.map((name) => CIPHER_SUITES[name].codePoint),
    ],
    compressionMethods: Uint8Array.of(0),
    extensions,
  })
  client.channel.send(signBinders(client, unsigned, draft.psks), client.transcript)
  return { ...draft, extensionTypes: new Set(extensions.map(({ type }) => type)) }
}

/** Binders sign the hello up to themselves, so they come last (RFC 9846 4.3.11.2). */
function signBinders(
  client: ClientEnvironment,
  clientHello: Uint8Array,
  psks: readonly OfferedPskWithSecret[],
): Uint8Array {
  if (psks.length === 0) return clientHello
  const truncated = truncateClientHello(
    clientHello,
    psks.map(({ offered }) => hashLength(offered.hash)),
  )
  const binders = psks.map(({ offered, earlySecret }) => {
    const transcriptHash = client.transcript.digestWith(offered.hash, truncated)
    return earlySecret.binder(BINDER_LABELS[offered.kind], transcriptHash)
  })
  return fillBinders(clientHello, binders)
}

function* offerPsks(client: ClientEnvironment): Task<PskOffer> {
  const hashes = hashesOf(client.config.cipherSuites, (suite) => CIPHER_SUITES[suite].hash)
  const { serverName, applicationProtocols = [] } = client.config
  const offer = yield* ask<'offerPsks'>({ type: 'offerPsks', hashes, serverName, applicationProtocols })
  for (const { psk } of offer.psks) client.secrets.keep(psk)
  // RFC 9973 5.1: no ticket in a list that is to be used together with a certificate.
  if (offer.withCertificate && offer.psks.some(({ kind }) => kind === 'resumption')) {
    throw new TrefoilError('ERR_INVALID_STATE', 'a resumption PSK was offered together with a certificate handshake')
  }
  if (offer.required && offer.psks.length === 0) {
    throw new TrefoilError('ERR_INVALID_STATE', 'a pre-shared key is required and none was offered')
  }
  return offer
}

function* generateKeyShare(client: ClientEnvironment, group: NamedGroupName): Task<KeyShare> {
  const share = client.secrets.keep(yield* ask<'generateKeyShare'>({ type: 'generateKeyShare', group }))
  if (share.publicShare.length !== NAMED_GROUPS[group].clientShareLength) {
    throw new TrefoilError('ERR_INTERNAL', `the driver made a ${group} share of ${share.publicShare.length} octets`)
  }
  return share
}

/** obfuscated_ticket_age moves with the clock; for anything but a ticket it stays zero (RFC 9846 4.3.11). */
function withAge(psk: OfferedPskWithSecret, elapsed: number): OfferedPskWithSecret {
  if (psk.offered.kind !== 'resumption') return psk
  const obfuscatedTicketAge = (psk.offered.obfuscatedTicketAge + elapsed) % 2 ** 32
  return { ...psk, offered: { ...psk.offered, obfuscatedTicketAge } }
}
