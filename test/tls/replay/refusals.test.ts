/** The recorded malformed hybrid shares: what OpenSSL refuses, our server refuses with the same alert. */
import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../../src/bytes.js'
import type { CryptoProvider, NamedGroupName } from '../../../src/crypto/index.js'
import { decodeClientHello } from '../../../src/tls/messages/clientHello.js'
import { ExtensionType } from '../../../src/tls/wire/codePoints.js'
import { PROVIDERS } from '../../support/providers.js'
import { refusal } from '../../support/refusal.js'
import { isCompleted, opensslIdentities, opensslTraces, seedOf, type Trace } from '../../support/traces.js'
import { describeVectors } from '../../support/vectors.js'
import { CoreReplay } from './coreReplay.js'
import { recordedRecords, recordsIn } from './sentRecords.js'

describeVectors('a malformed X25519MLKEM768 share', () => {
  const refused = opensslTraces().filter((trace) => !isCompleted(trace))

  it('was recorded four times', () => {
    expect(refused.map(({ id }) => id)).toEqual([
      'c-bad-ek-modulus',
      'c-bad-x25519-zero',
      'c-bad-share-short',
      'c-bad-share-order',
    ])
  })

  describe.each(PROVIDERS)('with the $name provider', (provider) => {
    it.each(refused)('makes our server refuse the ClientHello with illegal_parameter: $id', (trace) => {
      const replay = serverReplay(provider, trace)
      expect(replay.error).toMatchObject({ code: 'ERR_BAD_KEY_SHARE', blame: 'peer', alert: 'illegal_parameter' })
      // Nothing but the alert, octet for octet what OpenSSL said: no ServerHello has gone out before it.
      expect(recordsIn(replay.sent)).toEqual(recordedRecords(trace, 'server'))
      expect(replay.summary).toBeNull()
    })

    it.each(refused)('that went out ends our client with the alert that came back: $id', (trace) => {
      const replay = new CoreReplay(provider, trace, 'client').run()
      expect(replay.error).toMatchObject({
        code: 'ERR_ALERT_RECEIVED',
        blame: 'peer',
        receivedAlert: 'illegal_parameter',
      })
      expect(recordsIn(replay.sent)).toEqual(recordedRecords(trace, 'client'))
      const [difference] = replay.differences
      expect(replay.differences).toHaveLength(1)
      // The recorded hello is ours but for the share that was spoilt.
      expect(withoutShare(difference?.ours)).toEqual(withoutShare(difference?.recorded))
    })

    it.each(refused)('is refused by the provider itself, where the sound one is taken: $id', (trace) => {
      const [pair] = trace.values.clientKeyPairs ?? []
      if (pair === undefined) throw new Error(`${trace.id} has no key pair`)
      const sound = provider.generateKeyShare(pair.group, seedOf(pair)).publicShare
      expect(toHex(sound)).not.toBe(pair.publicKey)
      const respond = (share: Uint8Array) => () => provider.respondToKeyShare(pair.group as NamedGroupName, share)
      expect(refusal(respond(fromHex(pair.publicKey)))).toBe('ERR_BAD_KEY_SHARE')
      expect(refusal(respond(sound))).toBeNull()
    })
  })
})

/** A server that would have gone on: it has an ML-DSA-44 certificate, which every recorded hello accepts. */
function serverReplay(provider: CryptoProvider, trace: Trace): CoreReplay {
  const [identity] = opensslIdentities()
  const key = provider.signingKey({ algorithm: 'mldsa44', seed: fromHex(identity?.seed ?? '') })
  return new CoreReplay(provider, trace, 'server', {
    random: ({ length }) => new Uint8Array(length),
    respondToKeyShare: ({ group, clientShare }) => provider.respondToKeyShare(group, clientShare),
    selectCertificate: () => ({
      certificateChain: [fromHex(identity?.certificate ?? '')],
      signatureScheme: 'mldsa44',
      signer: { sign: (scheme, message) => key.sign(scheme, message) },
    }),
  }).run()
}

function withoutShare(message: Uint8Array | undefined) {
  const { extensions, ...rest } = decodeClientHello((message as Uint8Array).subarray(4))
  return { ...rest, extensions: extensions.filter(({ type }) => type !== ExtensionType.key_share) }
}
