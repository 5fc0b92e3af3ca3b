/** Every recorded handshake: its steps, messages, records, proofs and key schedule, and our core in the place of either side. */
import { describe, expect, it } from 'vitest'
import { SIGNATURE_SCHEMES } from '../../src/crypto/index.js'
import type { VectorCase } from '../../src/vectors/index.js'
import { casesOf } from '../../src/vectors/recordings/format.js'
import { proofsOf } from '../../src/vectors/recordings/proofs.js'
import { PROVIDERS } from '../support/providers.js'
import { allTraces, isCompleted, messagesOf } from '../support/traces.js'
import { describeVectors } from '../support/vectors.js'

/** With noble: the RSA certificates of RFC 8448 and of one capture. Early data, with both. */
const RSA = 'noble has no rsa_pss_rsae_sha256'
const EARLY_DATA = 'resumed-0-rtt: with our core as the client'

describeVectors('a recorded handshake', () => {
  const recordings = allTraces()
  const rsa = new Set(
    recordings.flatMap((recording) =>
      proofsOf(recording)
        .filter(({ scheme }) => SIGNATURE_SCHEMES[scheme].key.startsWith('rsa'))
        .map(({ from }) => `${recording.id}: CertificateVerify of the ${from}`),
    ),
  )
  const idsOf = (cases: readonly VectorCase[], part: RegExp) => cases.filter(({ id }) => part.test(id))

  it('is one of 32, of which 28 came to their end', () => {
    expect(recordings).toHaveLength(32)
    expect(recordings.filter(isCompleted)).toHaveLength(28)
    const cases = recordings.flatMap(casesOf)
    expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length)
    expect(idsOf(cases, /: key schedule$/)).toHaveLength(28)
    expect(idsOf(cases, /: records$/)).toHaveLength(32)
    // 21 against OpenSSL in one role, 7 others and 4 refused in both.
    expect(idsOf(cases, /: with our core/)).toHaveLength(21 + 2 * 7 + 2 * 4)
    expect(idsOf(cases, /: step \d/).length).toBeGreaterThan(5 * 30)
  })

  it('has one of 24 CertificateVerify messages, of which 6 are classical', () => {
    const proofs = recordings.flatMap(proofsOf)
    expect(proofs).toHaveLength(24)
    expect(proofs.filter(({ scheme }) => SIGNATURE_SCHEMES[scheme].classical)).toHaveLength(6)
  })

  it('has a PSK for the next one where it has a ticket', () => {
    for (const recording of recordings.filter(isCompleted)) {
      const ticket = messagesOf(recording).some(({ type }) => type === 'new_session_ticket')
      expect([recording.id, recording.values.resumptionPsk !== undefined]).toEqual([recording.id, ticket])
    }
  })

  describe.each(PROVIDERS)('with the $name provider', (provider) => {
    it.each(recordings)('comes out as recorded: $id', async (recording) => {
      for (const { id, run } of casesOf(recording)) {
        const outcome = await run(provider)
        if (id === EARLY_DATA) expect(outcome).toEqual({ skipped: 'Trefoil sends no early data' })
        else if (provider.name === 'noble' && rsa.has(id)) expect(outcome).toEqual({ skipped: RSA })
        else expect({ id, ...outcome }).toEqual({ id, passed: true })
      }
    })
  })
})
