import { describe, expect, it } from 'vitest'
import { toHex } from '../../../src/bytes.js'
import {
  BINDER_LABELS,
  EarlySecret,
  exportKeyingMaterial,
  finishedVerifyData,
  nextTrafficSecret,
  resumptionPsk,
  trafficKeys,
} from '../../../src/tls/index.js'
import { Transcript } from '../../../src/tls/transcript.js'
import { PROVIDERS } from '../../support/providers.js'
import { refusal } from '../../support/refusal.js'

const HASH = new Uint8Array(32).fill(7)
const ZEROS = new Uint8Array(32)

describe.each(PROVIDERS)('the key schedule with the $name provider', (provider) => {
  const early = (psk: Uint8Array | null = new Uint8Array(32).fill(1)) => new EarlySecret(provider, 'SHA-256', psk)
  const shared = () => new Uint8Array(64).fill(2)

  it('wipes a stage when the next is entered, and refuses to use it again', () => {
    const first = early()
    const second = first.enterHandshake(shared())
    expect(first.secret).toEqual(ZEROS)
    expect(refusal(() => first.binderKey('ext binder'))).toBe('ERR_INVALID_STATE')
    expect(refusal(() => first.enterHandshake(shared()))).toBe('ERR_INVALID_STATE')
    const third = second.enterMain()
    expect(second.secret).toEqual(ZEROS)
    expect(refusal(() => second.clientHandshakeTrafficSecret(HASH))).toBe('ERR_INVALID_STATE')
    expect(refusal(() => second.enterMain())).toBe('ERR_INVALID_STATE')
    third.wipe()
    third.wipe()
    expect(third.secret).toEqual(ZEROS)
    expect(refusal(() => third.exporterSecret(HASH))).toBe('ERR_INVALID_STATE')
  })

  it('derives another secret for each name', () => {
    const stage = early()
    const secrets: Uint8Array[] = [
      ...Object.values(BINDER_LABELS).map((label) => stage.binderKey(label)),
      stage.clientEarlyTrafficSecret(HASH),
      stage.earlyExporterSecret(HASH),
    ]
    const handshake = stage.enterHandshake(shared())
    secrets.push(handshake.clientHandshakeTrafficSecret(HASH), handshake.serverHandshakeTrafficSecret(HASH))
    const main = handshake.enterMain()
    const client = main.clientApplicationTrafficSecret(HASH)
    const resumption = main.resumptionSecret(HASH)
    const exporter = main.exporterSecret(HASH)
    secrets.push(client, main.serverApplicationTrafficSecret(HASH), exporter, resumption)
    secrets.push(nextTrafficSecret(provider, 'SHA-256', client))
    secrets.push(resumptionPsk(provider, 'SHA-256', resumption, Uint8Array.of(0)))
    secrets.push(resumptionPsk(provider, 'SHA-256', resumption, Uint8Array.of(1)))
    secrets.push(exportKeyingMaterial(provider, 'SHA-256', exporter, 'x', new Uint8Array(0), 32))
    secrets.push(finishedVerifyData(provider, 'SHA-256', client, HASH))
    secrets.push(trafficKeys(provider, 'SHA-256', client, 32).key)
    expect(new Set(secrets.map(toHex)).size).toBe(secrets.length)
  })

  it('changes every later secret with the pre-shared key, and with each half of the shared secret', () => {
    const view = (psk: Uint8Array | null, secret: Uint8Array) => {
      const handshake = early(psk).enterHandshake(secret)
      const traffic = toHex(handshake.clientHandshakeTrafficSecret(HASH))
      const main = handshake.enterMain()
      return [traffic, toHex(main.clientApplicationTrafficSecret(HASH)), toHex(main.exporterSecret(HASH))]
    }
    const views = [
      view(null, shared()),
      view(ZEROS.with(31, 1), shared()),
      view(new Uint8Array(32).fill(1), shared()),
      view(null, shared().with(0, 3)),
      view(null, shared().with(63, 3)),
    ]
    for (const at of [0, 1, 2]) expect(new Set(views.map((each) => each[at])).size).toBe(views.length)
    // No pre-shared key is one of zeros (RFC 9846 7.1).
    expect(view(null, shared())).toEqual(view(ZEROS, shared()))
  })

  it('leaves what it is given to its caller', () => {
    const psk = new Uint8Array(32).fill(1)
    const secret = shared()
    early(psk).enterHandshake(secret)
    expect([psk, secret]).toEqual([new Uint8Array(32).fill(1), shared()])
  })
})

describe.each(PROVIDERS)('the transcript with the $name provider', (provider) => {
  const messages = [Uint8Array.of(1, 0, 0, 1, 5), Uint8Array.of(2, 0, 0, 0), Uint8Array.of(8, 0, 0, 2, 1, 1)] as const

  it('is the hash of all messages, whenever its function is fixed', () => {
    const expected = provider.hash('SHA-384', new Uint8Array(Buffer.concat(messages)))
    for (const fixedAfter of [0, 1, 2, 3]) {
      const transcript = new Transcript(provider)
      messages.forEach((message, i) => {
        if (i === fixedAfter) transcript.start('SHA-384')
        transcript.add(message)
      })
      if (fixedAfter === 3) transcript.start('SHA-384')
      expect(transcript.digest()).toEqual(expected)
      expect(transcript.digest()).toEqual(expected)
    }
  })

  it('stands a message_hash for the first ClientHello after a retry, for binders too', () => {
    const hash = provider.hash('SHA-256', messages[0])
    const synthetic = Buffer.concat([Buffer.of(254, 0, 0, 32), hash])
    const kept = new Transcript(provider)
    kept.add(messages[0])
    kept.replaceClientHello('SHA-256')
    const stateless = new Transcript(provider)
    stateless.restartWith(hash)
    for (const transcript of [kept, stateless]) {
      transcript.add(messages[1])
      const expected = Buffer.concat([synthetic, messages[1], messages[2]])
      expect(transcript.digestWith('SHA-256', messages[2])).toEqual(provider.hash('SHA-256', new Uint8Array(expected)))
      transcript.start('SHA-256')
      transcript.add(messages[2])
      expect(transcript.digest()).toEqual(provider.hash('SHA-256', new Uint8Array(expected)))
    }
  })
})
