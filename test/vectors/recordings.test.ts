/** Every recorded handshake: its steps, messages, records, proofs and key schedule, and our core in the place of either side. */
import { describe, expect, it } from 'vitest'
import { nodeProvider, SIGNATURE_SCHEMES } from '../../src/crypto/index.js'
import { recogniseVectors, runVectorDocument, type VectorCase } from '../../src/vectors/index.js'
import { casesOf } from '../../src/vectors/recordings/format.js'
import { proofsOf } from '../../src/vectors/recordings/proofs.js'
import { PROVIDERS } from '../support/providers.js'
import { allTraces, isCompleted, messagesOf, type Trace } from '../support/traces.js'
import { describeVectors, loadVectors } from '../support/vectors.js'

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

  it('does not keep others of its file from being run when it cannot be read, and is skipped when it is none', async () => {
    const document = loadVectors<{ traces: { id: string; flow: { contentType: string; payload: string }[] }[] }>(
      'rfc8448/traces.json',
    )
    const [sound, spoilt] = document.traces
    const flow = spoilt?.flow.map((one, i) => (i === 0 ? { ...one, payload: `ff${one.payload.slice(2)}` } : one))
    const traces = [sound, { ...spoilt, flow }, { id: 'bare', values: {} }]
    const [run] = await runVectorDocument({ ...document, traces }, 'x', { providers: [nodeProvider] })
    expect(run?.passed).toBe(casesOf(recordings[0] as Trace).length)
    expect(run?.failures).toEqual([
      { case: 'resumed-0-rtt', message: 'resumed-0-rtt has a handshake message of type 255' },
    ])
    expect(run?.skips).toEqual([
      { reason: 'a trace without records, or without values to hold them against', count: 1 },
    ])
  })

  it('is none of those of Trefoil, which say what they are', () => {
    const document = { traces: recordings, format: 'trefoil handshakes 1' }
    expect(recogniseVectors(document).map(({ name }) => name)).not.toContain('recorded handshakes')
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
