/**
 * RFC 8448 and the public captures with our core in either role. Their hellos are laid out by other hands, so the
 * recorded ones go out in place of ours, once ours say the same; from there on everything must come out as recorded.
 */
import { describe, expect, it } from 'vitest'
import { toHex } from '../../../src/bytes.js'
import { cipherSuiteByCodePoint } from '../../../src/crypto/cipherSuites.js'
import { groupByCodePoint, schemeByCodePoint } from '../../../src/crypto/index.js'
import { decodeCodePoints } from '../../../src/tls/extensions/codePointList.js'
import { decodeCertificateRequest } from '../../../src/tls/messages/certificate.js'
import { decodeClientHello } from '../../../src/tls/messages/clientHello.js'
import { readClientHelloExtensions } from '../../../src/tls/messages/clientHelloExtensions.js'
import { decodeEncryptedExtensions } from '../../../src/tls/messages/encryptedExtensions.js'
import { decodeServerHello } from '../../../src/tls/messages/serverHello.js'
import { ExtensionType } from '../../../src/tls/wire/codePoints.js'
import { PROVIDERS } from '../../support/providers.js'
import { type CompletedTrace, isCompleted, messagesOf, publicTraces, rfc8448Traces } from '../../support/traces.js'
import { describeVectors } from '../../support/vectors.js'
import { CoreReplay, type Difference } from './coreReplay.js'
import { contentsIn, recordedContents } from './sentRecords.js'

const EARLY_DATA = 'resumed-0-rtt'

describeVectors('a classical recording', () => {
  const completed = [...rfc8448Traces(), ...publicTraces()].filter(isCompleted)
  const playable = completed.filter(({ id }) => id !== EARLY_DATA)
  const roles = playable.flatMap((trace) => (['client', 'server'] as const).map((role) => ({ ...trace, role })))

  it('is one of six that are played in both roles, and one with early data', () => {
    expect(roles).toHaveLength(12)
    expect(completed).toHaveLength(7)
  })

  describe.each(PROVIDERS)('with the $name provider', (provider) => {
    it.each(roles)('goes as recorded with our core as the $role: $id', (trace) => {
      const { role } = trace
      const replay = new CoreReplay(provider, trace, role).run()
      expect(replay.error).toBeNull()
      for (const difference of replay.differences) checkDifference(difference)
      expect(secretsOf(replay)).toEqual(secretsIn(trace))
      const sent = contentsIn(provider, trace, role, replay.sent)
      expect(withoutTickets(trace, sent)).toEqual(withoutTickets(trace, recordedContents(trace, role)))
      checkEvents(replay, trace)
    })

    it(`takes the PSK of ${EARLY_DATA} but not the early data: passes over it, up to where the client counts on it`, () => {
      const whole = completed.find(({ id }) => id === EARLY_DATA) as CompletedTrace
      const finished = whole.flow.findIndex(({ from, epoch }) => from === 'client' && epoch === 'handshake')
      const trace = { ...whole, flow: whole.flow.slice(0, finished + 1) }
      const replay = new CoreReplay(provider, trace, 'server', {
        selectPsk: () => ({ index: 0, hash: 'SHA-256', kind: 'resumption', withCertificate: false, source: null }),
      }).run()
      // The binder verified, or there would be no secrets. EndOfEarlyData is in the client's transcript alone.
      expect(secretsOf(replay)).toEqual(secretsIn(trace))
      expect(replay.eventsOf('applicationData')).toEqual([])
      expect(replay.error).toMatchObject({ code: 'ERR_BAD_FINISHED', alert: 'decrypt_error' })
    })
  })
})

/** The application's and the handshake's secrets, and the exporter's, as they went to the key log. */
function secretsOf({ keylog }: CoreReplay): (string | undefined)[] {
  return keylog.map((line) => line.split(' ')[2])
}

function secretsIn({ values }: CompletedTrace): string[] {
  return [
    values.clientHandshakeTrafficSecret,
    values.serverHandshakeTrafficSecret,
    values.clientApplicationTrafficSecret,
    values.serverApplicationTrafficSecret,
    values.exporterMasterSecret,
  ]
}

/** Tickets are our own affair, and they move the sequence numbers of the data behind them. */
function withoutTickets(trace: CompletedTrace, contents: readonly string[]): readonly string[] {
  const ticket = messagesOf(trace).some(({ type }) => type === 'new_session_ticket')
  return ticket ? contents.filter((line) => !line.startsWith('application handshake')) : contents
}

function checkEvents(replay: CoreReplay, { values, flow }: CompletedTrace): void {
  const ofPeer = flow.filter(({ from }) => from !== replay.role)
  const data = ofPeer.filter(({ contentType }) => contentType === 'application_data').map(({ payload }) => payload)
  expect(replay.eventsOf('applicationData').map((event) => toHex(event.data))).toEqual(data)
  const closed = ofPeer.filter(({ contentType }) => contentType === 'alert')
  expect(replay.eventsOf('peerClosed')).toHaveLength(closed.length)
  if (replay.role === 'client') {
    const psk = replay.sessions[0]?.psk
    expect(psk === undefined ? undefined : toHex(psk)).toBe(values.resumptionPsk)
  }
  expect(replay.summary).toMatchObject({ cipherSuite: values.cipherSuite, group: values.serverKeyPairs?.[0]?.group })
}

/** Ours and the recorded message say the same, as far as Trefoil has the notion. */
function checkDifference({ type, ours, recorded }: Difference): void {
  const read = READERS[type]
  if (read === undefined) throw new Error(`our ${type} is not the recorded one`)
  expect(read(ours.subarray(4))).toEqual(read(recorded.subarray(4)))
}

const READERS: { readonly [type: string]: (body: Uint8Array) => unknown } = {
  client_hello: (body) => {
    const hello = decodeClientHello(body)
    const { supportedGroups, signatureAlgorithms, offeredPsks, ...extensions } = readClientHelloExtensions(hello)
    return {
      ...extensions,
      random: hello.random,
      sessionId: hello.sessionId,
      cipherSuites: hello.cipherSuites.filter((suite) => cipherSuiteByCodePoint(suite) !== undefined),
      supportedGroups: supportedGroups.filter((group) => groupByCodePoint(group) !== undefined),
      signatureAlgorithms: signatureAlgorithms?.filter((scheme) => schemeByCodePoint(scheme) !== undefined),
      // A binder signs the layout of its hello: keySchedule.test.ts computes it over the recorded one.
      identities: offeredPsks?.identities,
    }
  },
  server_hello: (body) => {
    const { extensions, ...hello } = decodeServerHello(body)
    const rest = extensions.filter(({ type }) => type !== ExtensionType.cookie)
    return { ...hello, extensions: rest.sort((a, b) => a.type - b.type) }
  },
  // We tell no groups for the next time.
  encrypted_extensions: (body) =>
    decodeEncryptedExtensions(body)
      .filter(({ type }) => type !== ExtensionType.supported_groups && type !== ExtensionType.server_name)
      .sort((a, b) => a.type - b.type),
  certificate_request: (body) =>
    decodeCertificateRequest(body).extensions.map(({ type, data }) => ({
      type,
      known: decodeCodePoints(2, data, '').filter((scheme) => schemeByCodePoint(scheme) !== undefined),
    })),
}
