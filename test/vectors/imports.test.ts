/** What files about imported PSKs may hold beyond Botan's: the way to the binder, other forms of what they name. */
import { describe, expect, it } from 'vitest'
import { fromHex, toHex, utf8 } from '../../src/bytes.js'
import { nodeProvider } from '../../src/crypto/index.js'
import { EarlySecret, importPsk } from '../../src/tls/index.js'
import { runVectorDocument } from '../../src/vectors/index.js'
import { allTraces, messagesOf } from '../support/traces.js'
import { describeVectors } from '../support/vectors.js'
import { expectSound, failuresOf, flipAt, type JsonObject, placesIn } from './flip.js'

const EPSK = 'aa'.repeat(32)
const imported = importPsk(
  nodeProvider,
  { identity: utf8('sae-1'), epsk: fromHex(EPSK), hash: 'SHA-256', context: fromHex('c0ffee') },
  'SHA-384',
)
const early = () => new EarlySecret(nodeProvider, 'SHA-384', imported.psk)
const TRUNCATED = '0100aabb'
const binderHash = nodeProvider.hash('SHA-384', fromHex(TRUNCATED))

const CASE: JsonObject = {
  epsk: EPSK,
  epskHash: 'SHA256',
  externalIdentity: 'sae-1',
  context: 'C0FFEE',
  targetProtocol: '0304',
  targetKdf: '0x0002',
  importedIdentity: toHex(imported.identity),
  ipskx: toHex(imported.psk),
}
const BINDER: JsonObject = {
  truncatedClientHello: TRUNCATED,
  binderHash: toHex(binderHash),
  binderKey: toHex(early().binderKey('imp binder')),
  binder: toHex(early().binder('imp binder', binderHash)),
}

describe('a file of imported PSKs', () => {
  it.each([
    ['in the case itself', { ...CASE, ...BINDER }],
    ['in a part of its own', { ...CASE, binder: BINDER }],
  ])('may go on to the binder, %s, and fails wherever a bit is wrong', async (_, test) => {
    const document = { tests: [test] }
    await expectSound(document)
    // The forms of code points are told by their digits.
    const free = ['targetProtocol', 'targetKdf']
    for (const place of placesIn(document).filter((candidate) => !free.includes(String(candidate.at(-1))))) {
      expect([place, await failuresOf(flipAt(document, place))]).not.toEqual([place, []])
    }
  })

  it('skips what is no import, and what has no KDF of TLS 1.3', async () => {
    const [run] = await runVectorDocument({ tests: [CASE, { comment: 'none' }, { ...CASE, targetKdf: 3 }] }, 'x')
    expect([run?.passed, run?.failed]).toEqual([1, 0])
    expect(run?.skips.map(({ reason }) => reason)).toEqual([
      'no import: it has no epsk, no externalIdentity, or no result',
      'the target KDF 3, which no cipher suite of TLS 1.3 has',
    ])
  })
})

describeVectors('a whole ClientHello', () => {
  it('is cut before its binders', async () => {
    const recording = allTraces().find(({ id }) => id === 'c-external-psk-aes128')
    const hello = recording && messagesOf(recording).find(({ type }) => type === 'client_hello')
    // Its binder is not that of an imported PSK.
    const test = { ...CASE, clientHello: toHex(hello?.bytes ?? new Uint8Array(0)), binder: '00'.repeat(48) }
    expect(await failuresOf({ tests: [test] })).toEqual(['binder differs', 'binder differs'])
  })
})
