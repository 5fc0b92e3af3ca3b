/**
 * The converse of the attacks: authentication must hold at the moment of the handshake, and at no other. Sessions of
 * every mode are taped on a real line. Then the adversary of `src/rndl`, which shares no code with the endpoints, is
 * handed every long-term key there is: the signing keys of both ends and of their CA, and the auth PSK. None of the
 * recordings opens.
 *
 * The control is on the same tapes: with the ephemeral keys of the exchange (the X25519 scalars and the ML-KEM seed),
 * and with the QKD key where one went in, the adversary does open them, with the data of both directions. So it is able
 * to, and what stood in its way was the keys that were gone when the handshake was over.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { readPem } from '../../src/pki/index.js'
import { type Leaks, NO_LEAKS, openConnection, type TapedConnection } from '../../src/rndl/adversary/index.js'
import { clientIdentity, psk, serverIdentity, testCa } from '../modes/identities.js'
import { recorded } from '../modes/link.js'
import { MODES, type Mode } from '../modes/modes.js'
import { confront, SAID } from './confront.js'
import { type EphemeralKeys, seededKeyShares } from './seededKeyShares.js'
import { QKD } from './settings.js'

const signingKeys = [serverIdentity.key, clientIdentity.key, testCa.privateKeyPem].flatMap((pem) =>
  readPem(pem).map(({ der }) => der),
)
const authPsks = new Map([[Buffer.from(psk.identity).toString('hex'), psk.key]])

/**
 * All that outlives a handshake. Signing keys enter no computation of the adversary's, so their seeds, which end these
 * PKCS#8 structures, are also given to it as secrets that were found somewhere and may be of any use.
 */
const LONG_TERM: Leaks = {
  ...NO_LEAKS,
  signingKeys,
  authPsks,
  trafficSecrets: [psk.key, ...signingKeys.map((der) => der.subarray(-32))],
}

interface Recording {
  readonly tape: TapedConnection
  readonly ephemeral: EphemeralKeys
  readonly qkdKeys: Leaks['qkdKeys']
}

/** A session of a mode, which both ends take for a good one. */
async function record(mode: Mode): Promise<Recording> {
  const { crypto, ephemeral } = seededKeyShares()
  const source = recorded(QKD.client.source)
  const { client, server, tape } = await confront({
    server: { ...mode.server, crypto, ...(mode.qkd && { qkd: { ...QKD.server, ...mode.qkd } }) },
    client: { ...mode.client, crypto, ...(mode.qkd && { qkd: { ...QKD.client, ...mode.qkd, source } }) },
  })
  expect([client.received, client.end, server?.received, server?.end]).toEqual([SAID.server, null, SAID.client, null])
  return {
    tape: tape[0] as TapedConnection,
    ephemeral,
    qkdKeys: new Map(source.given.map(({ keyId, key }) => [keyId, key])),
  }
}

describe.each(MODES.map((mode) => [mode.name, mode] as const))('%s', (_, mode) => {
  let recording: Recording
  beforeAll(async () => {
    recording = await record(mode)
  })

  function expectClosed(leaks: Leaks): void {
    const opened = openConnection(recording.tape, leaks)
    expect(opened.closedBecause).not.toBeNull()
    expect(opened.applicationData.client.length + opened.applicationData.server.length).toBe(0)
    expect([opened.handshakeMessages, opened.tickets, opened.exporterSecret]).toEqual([[], [], null])
  }

  it('the long-term keys open nothing, handed over after the handshake', () => expectClosed(LONG_TERM))

  it('nor do they with the QKD key, while the ephemeral keys are gone', () => {
    expectClosed({ ...LONG_TERM, qkdKeys: recording.qkdKeys })
  })

  it('the ephemeral keys do, with what entered as a PSK; the signing keys are not needed', () => {
    const { tape, ephemeral, qkdKeys } = recording
    const opened = openConnection(tape, { ...NO_LEAKS, ...ephemeral, authPsks, qkdKeys })
    expect(opened.closedBecause).toBeNull()
    expect(opened.applicationData.client.toString()).toBe(SAID.client)
    expect(opened.applicationData.server.toString()).toBe(SAID.server)
  })

  if (mode.psk) {
    it('where an auth PSK went in, they do not without it', () => {
      expectClosed({ ...NO_LEAKS, ...recording.ephemeral, qkdKeys: recording.qkdKeys, signingKeys })
    })
  }
  if (mode.qkd !== null) {
    it('where a QKD key went in, they do not without it, whatever else is known', () => {
      expectClosed({ ...LONG_TERM, ...recording.ephemeral })
    })
  }
})
