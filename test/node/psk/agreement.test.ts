import { describe, expect, it } from 'vitest'
import { toHex, utf8 } from '../../../src/bytes.js'
import type { HashAlgorithm } from '../../../src/crypto/provider.js'
import type { PskOptions, QkdOption } from '../../../src/node/psk/options.js'
import { importPskFor } from '../../../src/tls/psk/importer.js'
import type { PskOffer } from '../../../src/tls/requests.js'
import { PROVIDERS } from '../../support/providers.js'
import { accept, CRYPTO, memoryLink, offer, psk, refusalOf, server, sites } from './support.js'

/** Every way of making a PSK, as options for both ends but for the QKD of each. */
const WAYS: [string, Omit<PskOptions, 'qkd'>, Partial<QkdOption> | null][] = [
  ['psk', { psk: psk(), certificates: false }, null],
  ['psk, SHA-384', { psk: psk('a', { hash: 'SHA-384' }), certificates: false }, null],
  ['psk with a foreign context', { psk: psk('a', { context: utf8('foreign') }), certificates: false }, null],
  ['raw psk', { psk: psk('a', { importer: false }), certificates: false }, null],
  [
    'raw psk with certificate',
    { psk: psk('a', { importer: false }), pskWithCertificate: true, certificates: true },
    null,
  ],
  ['psk with certificate', { psk: psk(), pskWithCertificate: true, certificates: true }, null],
  ['qkd', { certificates: false }, {}],
  ['qkd, SHA-384', { certificates: false }, { hash: 'SHA-384' }],
  ['qkd with certificate', { certificates: true }, {}],
  ['raw qkd with certificate', { certificates: true }, { importer: false }],
  ['psk and qkd', { psk: psk(), certificates: false }, {}],
  ['psk and qkd, SHA-384', { psk: psk('a', { hash: 'SHA-384' }), certificates: false }, {}],
  ['psk and qkd with certificate', { psk: psk(), pskWithCertificate: true, certificates: true }, {}],
  ['psk and qkd with a foreign context', { psk: psk('a', { context: utf8('foreign') }), certificates: false }, {}],
  ['raw psk and qkd', { psk: psk(), certificates: false }, { importer: false }],
  ['several psks and qkd', { psk: [psk('a'), psk('b')], certificates: false }, { policy: 'prefer' }],
]
const SUITE = { 'SHA-384': 'TLS_AES_256_GCM_SHA384', 'SHA-256': 'TLS_AES_128_GCM_SHA256' } as const

describe('client and server arrive at one PSK', () => {
  const both: [HashAlgorithm[], string][] = [
    [['SHA-384', 'SHA-256'], 'both hashes'],
    [['SHA-256'], 'SHA-256 only'],
    [['SHA-384'], 'SHA-384 only'],
  ]
  for (const [name, options, qkd] of WAYS) {
    it.each(both)(`${name}: $1`, async (hashes) => {
      const [forClient, forServer] = PROVIDERS
      const { alice, bob } = sites(qkd ?? {})
      const clientOptions = qkd === null ? options : { ...options, qkd: alice.qkd }
      const serverOptions = qkd === null ? options : { ...options, qkd: bob.qkd }
      let made: PskOffer
      try {
        made = await offer(clientOptions, { hashes }, forClient)
      } catch (error) {
        // A raw PSK has one hash, so with suites of the other there is nothing to offer.
        expect(name).toContain('raw')
        expect(error).toMatchObject({ code: 'ERR_INVALID_OPTION' })
        return
      }
      const suites = hashes.map((hash) => SUITE[hash])
      const accepted = await accept(server(serverOptions, null, forServer), made, { suites })
      const chosen = made.psks[accepted?.selection.index ?? -1]
      expect(chosen).toBeDefined()
      expect(toHex(accepted?.psk as Uint8Array)).toBe(toHex(chosen?.psk as Uint8Array))
      expect(accepted?.selection).toMatchObject({ kind: chosen?.kind, hash: chosen?.hash })
      expect(accepted?.selection.withCertificate).toBe(made.withCertificate)
      // Every identity the client offered has a PSK of its own.
      expect(new Set(made.psks.map(({ psk: secret }) => toHex(secret))).size).toBe(made.psks.length)
    })
  }
})

describe('a key that was meant for something else gives another PSK, or none', () => {
  it('every octet of the identity enters the PSK, key_ID and context included', async () => {
    const { alice } = sites()
    const made = await offer({ qkd: alice.qkd, certificates: true })
    const { identity } = made.psks[1] as { identity: Uint8Array }
    const seen = new Set<string>()
    for (let i = -1; i < identity.length; i++) {
      const tampered = identity.slice()
      if (i >= 0) tampered[i] = (tampered[i] as number) ^ 1
      const epsk = { epsk: new Uint8Array(32).fill(9), hash: 'SHA-256' } as const
      seen.add(toHex(importPskFor(CRYPTO, epsk, tampered, 'SHA-256').psk))
    }
    expect(seen.size).toBe(identity.length + 1)
  })

  it('an identity reflected to its sender is refused (Selfie, eprint 2019/347)', async () => {
    const { alice } = sites()
    for (const options of [{ certificates: false }, { psk: psk(), certificates: false }]) {
      const made = await offer({ ...options, qkd: alice.qkd })
      const outcome = refusalOf(accept(server({ ...options, qkd: alice.qkd }), made))
      expect(await outcome).toBe('ERR_UNKNOWN_PSK_IDENTITY')
    }
    expect(alice.source.calls.every(({ method }) => method === 'getKey')).toBe(true)
  })

  it('an identity rerouted to another server on the same link is refused before its key is asked for', async () => {
    const link = memoryLink()
    const { alice } = sites({}, link)
    const carol = { source: link('carol'), localSaeId: 'carol', peerSaeId: 'alice' }
    const made = await offer({ qkd: alice.qkd, certificates: false })
    expect(await refusalOf(accept(server({ qkd: carol, certificates: false }), made))).toBe('ERR_UNKNOWN_PSK_IDENTITY')
    expect(carol.source.calls).toEqual([])
  })

  it('a key_ID of another pair of SAEs, put into a context of ours, is not found', async () => {
    const link = memoryLink()
    const { alice, bob } = sites({}, link)
    const theirs = await link('carol').getKey('bob')
    alice.source.change = () => ({ keyId: theirs.keyId, key: theirs.key.slice() })
    const made = await offer({ qkd: alice.qkd, certificates: false })
    expect(await refusalOf(accept(server({ qkd: bob.qkd, certificates: false }), made))).toBe('ERR_QKD_KEY_NOT_FOUND')
  })

  it('a key_ID swapped for another of the same pair gives PSKs that differ', async () => {
    const { alice, bob } = sites()
    const other = await alice.source.getKey('bob')
    alice.source.change = ({ key }) => ({ keyId: other.keyId, key })
    const made = await offer({ qkd: alice.qkd, certificates: false })
    const accepted = await accept(server({ qkd: bob.qkd, certificates: false }), made)
    expect(toHex(accepted?.psk as Uint8Array)).not.toBe(toHex(made.psks[0]?.psk as Uint8Array))
  })

  it('the wrong auth PSK gives PSKs that differ, though both ends have the QKD key', async () => {
    const { alice, bob } = sites()
    const made = await offer({ psk: psk('a'), qkd: alice.qkd, certificates: false })
    const wrong = psk('a', { key: utf8('another key of sixteen octets') })
    const accepted = await accept(server({ psk: wrong, qkd: bob.qkd, certificates: false }), made)
    expect(toHex(accepted?.psk as Uint8Array)).not.toBe(toHex(made.psks[0]?.psk as Uint8Array))
  })
})
