/**
 * The completed recordings against OpenSSL 3.5 with our core in the place of the recorded side: same keys, same
 * randomness, deterministic signatures. Every message of ours must come out as recorded, and every secret with it.
 */
import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../../src/bytes.js'
import { type CryptoProvider, hashLength, nodeProvider, schemeByCodePoint } from '../../../src/crypto/index.js'
import { decodeEncryptedExtensions } from '../../../src/tls/messages/encryptedExtensions.js'
import { decodeNewSessionTicket } from '../../../src/tls/messages/newSessionTicket.js'
import { decodeServerHello } from '../../../src/tls/messages/serverHello.js'
import { ExtensionType } from '../../../src/tls/wire/codePoints.js'
import { CoreReplay } from '../../../src/vectors/recordings/coreReplay.js'
import { pskKindOf } from '../../../src/vectors/recordings/endpoint/handlers.js'
import {
  contentsIn,
  recordedContents,
  recordedRecords,
  recordsIn,
} from '../../../src/vectors/recordings/sentRecords.js'
import { hkdfExpandLabel } from '../../support/hkdf.js'
import { PROVIDERS } from '../../support/providers.js'
import { type CompletedTrace, isCompleted, messagesOf, opensslTraces, type Role } from '../../support/traces.js'
import { describeVectors } from '../../support/vectors.js'

/** The recorded side gave each message of its flight a record of its own; we let messages share records. */
const CUT_DIFFERENTLY: readonly string[] = ['c-client-auth', 's-mldsa65-aes256']
/** A cookie is its maker's own affair: only there the recorded message goes out in place of ours. */
const OWN_COOKIE: readonly string[] = ['s-hrr-aes256']

describeVectors('a connection recorded against OpenSSL 3.5', () => {
  const completed = opensslTraces().filter(isCompleted)

  it('is one of 21 that came to their end', () => expect(completed).toHaveLength(21))

  describe.each(PROVIDERS)('with the $name provider', (provider) => {
    it.each(completed)('comes out of our core as recorded, byte for byte and secret for secret: $id', (trace) => {
      const replay = new CoreReplay(provider, trace, roleOf(trace)).run()
      expect(replay.error).toBeNull()
      checkMessages(replay)
      checkRecords(provider, replay, trace)
      checkSecrets(replay, trace)
      checkTickets(provider, replay, trace)
      checkEvents(replay, trace)
      // The same when the octets of OpenSSL arrive one by one, which is no matter of the provider.
      if (provider !== nodeProvider) return
      const piecemeal = new CoreReplay(provider, trace, roleOf(trace)).run(1)
      expect(recordsIn(piecemeal.sent)).toEqual(recordsIn(replay.sent))
      expect(piecemeal.events).toEqual(replay.events)
    })
  })
})

function roleOf({ id, role }: CompletedTrace): Role {
  if (role === undefined) throw new Error(`${id} does not say whose keys it has`)
  return role
}

/**
 * ClientHello with its binder, ServerHello, CertificateVerify, Finished and the rest: our own octets are the recorded
 * ones. Where they may differ, the recorded message went out, and ours must say the same but for that one point.
 */
function checkMessages({ recording, role, differences }: CoreReplay): void {
  const retry = OWN_COOKIE.includes(recording.id) ? ['server_hello'] : []
  expect(differences.map(({ type }) => type)).toEqual(role === 'server' ? [...retry, 'encrypted_extensions'] : [])
  for (const { type, ours, recorded } of differences) {
    if (type === 'server_hello') expect(withoutCookie(ours)).toEqual(withoutCookie(recorded))
    else expect(withoutServerName(ours)).toEqual(withoutServerName(recorded))
  }
}

function withoutCookie(message: Uint8Array) {
  const { extensions, ...rest } = decodeServerHello(message.subarray(4))
  const bodies = extensions.map(({ type, data }) => [type, type === ExtensionType.cookie ? 'cookie' : toHex(data)])
  return { ...rest, bodies }
}

/** RFC 6066 3: a server that used the name says so. The recorder's did not. */
function withoutServerName(message: Uint8Array) {
  return decodeEncryptedExtensions(message.subarray(4)).filter(({ type }) => type !== ExtensionType.server_name)
}

function checkRecords(provider: CryptoProvider, { role, sent }: CoreReplay, trace: CompletedTrace): void {
  const same = !CUT_DIFFERENTLY.includes(trace.id)
  if (same) expect(recordsIn(sent)).toEqual(recordedRecords(trace, role))
  else expect(recordsIn(sent)).not.toEqual(recordedRecords(trace, role))
  expect(contentsIn(provider, trace, role, sent)).toEqual(recordedContents(trace, role))
}

/** Against the recorded values and against what OpenSSL logged and exported itself. */
function checkSecrets(
  { keylog, exported }: CoreReplay,
  { values, keylog: recorded = [], exporter }: CompletedTrace,
): void {
  // OpenSSL also logs the secrets after a KeyUpdate, with a label that RFC 9850 does not have.
  const updated = recorded.filter((line) => /_SECRET_N /.test(line))
  expect([...keylog].sort()).toEqual(recorded.filter((line) => !updated.includes(line)).sort())
  const secrets = keylog.map((line) => line.split(' ')[2])
  expect(secrets.sort()).toEqual(
    [
      values.clientHandshakeTrafficSecret,
      values.serverHandshakeTrafficSecret,
      values.clientApplicationTrafficSecret,
      values.serverApplicationTrafficSecret,
      values.exporterMasterSecret,
    ].sort(),
  )
  const next = [values.clientApplicationTrafficSecret1, values.serverApplicationTrafficSecret1]
  expect(updated.map((line) => line.split(' ')[2])).toEqual(next.filter((secret) => secret !== undefined))
  expect(exporter).toBeDefined()
  expect(exported).toBe(exporter?.value)
}

function checkTickets(provider: CryptoProvider, { role, sessions }: CoreReplay, trace: CompletedTrace): void {
  const { values } = trace
  const tickets = messagesOf(trace)
    .filter(({ type }) => role === 'client' && type === 'new_session_ticket')
    .map(({ body }) => decodeNewSessionTicket(body))
  expect(sessions.map(({ ticket, ticketAgeAdd, lifetime }) => ({ ticket, ticketAgeAdd, lifetime }))).toEqual(
    tickets.map(({ ticket, ageAdd, lifetime }) => ({ ticket, ticketAgeAdd: ageAdd, lifetime })),
  )
  const secret = fromHex(values.resumptionMasterSecret ?? '')
  const psks = tickets.map(({ nonce }) =>
    toHex(hkdfExpandLabel(provider, values.hash, secret, 'resumption', nonce, hashLength(values.hash))),
  )
  expect(sessions.map(({ psk }) => toHex(psk))).toEqual(psks)
  expect(psks[0]).toBe(values.resumptionPsk)
}

function checkEvents(replay: CoreReplay, { values, flow }: CompletedTrace): void {
  const { role, summary } = replay
  const ofPeer = flow.filter(({ from }) => from !== role)
  expect(replay.eventsOf('applicationData').map(({ data }) => toHex(data))).toEqual(
    ofPeer.filter(({ contentType }) => contentType === 'application_data').map(({ payload }) => payload),
  )
  expect(replay.eventsOf('peerClosed')).toHaveLength(1)
  const updated = values.clientApplicationTrafficSecret1 !== undefined
  expect(replay.eventsOf('keyUpdate').map(({ direction }) => direction)).toEqual(updated ? ['sent', 'received'] : [])

  const scheme = (codePoint: string | undefined) =>
    codePoint === undefined ? null : schemeByCodePoint(Number.parseInt(codePoint, 16))
  const schemes = { client: scheme(values.clientSignatureScheme), server: scheme(values.serverSignatureScheme) }
  expect(summary).toMatchObject({
    role,
    cipherSuite: values.cipherSuite,
    group: values.mlkemSharedSecret === undefined ? 'x25519' : 'X25519MLKEM768',
    helloRetryRequest: flow.filter(({ messageTypes }) => messageTypes?.includes(1)).length > 1,
    localSignatureScheme: schemes[role],
    peerSignatureScheme: schemes[role === 'client' ? 'server' : 'client'],
    psk: values.pskAccepted === true ? { kind: pskKindOf(values), withCertificate: false } : null,
  })
  expect(summary?.psk === null ? undefined : toHex(summary?.psk?.identity ?? new Uint8Array(0))).toBe(
    values.pskIdentity,
  )
}
