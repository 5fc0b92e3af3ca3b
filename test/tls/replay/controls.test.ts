/** Replays that must fail: a harness that takes everything would prove nothing. */
import { describe, expect, it } from 'vitest'
import { toHex } from '../../../src/bytes.js'
import { CoreReplay } from '../../../src/vectors/recordings/coreReplay.js'
import { KeyScheduleReplay } from '../../../src/vectors/recordings/keyScheduleReplay.js'
import { PROVIDERS } from '../../support/providers.js'
import { type CompletedTrace, isCompleted, opensslTraces, type RecordedRecord } from '../../support/traces.js'
import { describeVectors } from '../../support/vectors.js'

describeVectors('a replay of something that was tampered with', () => {
  const traces = opensslTraces().filter(isCompleted)
  const traceNamed = (id: string) => traces.find((trace) => trace.id === id) as CompletedTrace
  const plain = traceNamed('c-mldsa44-aes128')
  const psk = traceNamed('c-external-psk-aes128')

  describe.each(PROVIDERS)('with the $name provider', (provider) => {
    it('fails when one bit of any protected record is flipped', () => {
      const protectedRecords = plain.flow.filter(({ from, epoch }) => from === 'server' && epoch !== 'plaintext')
      expect(protectedRecords.length).toBeGreaterThan(5)
      for (const spoilt of protectedRecords) {
        const flow = plain.flow.map((record) => (record === spoilt ? flipLastBit(record) : record))
        const replay = new CoreReplay(provider, { ...plain, flow: upTo(flow, plain.flow.indexOf(spoilt)) }, 'client')
        expect(replay.run().error?.code).toBe('ERR_BAD_RECORD_MAC')
      }
    })

    it('fails at the first protected record when the private key is another one', () => {
      const other = traceNamed('c-mldsa65-aes256').values.clientKeyPairs ?? []
      const values = { ...plain.values, clientKeyPairs: other }
      const replay = new CoreReplay(provider, { ...plain, values, flow: plain.flow.slice(0, 4) }, 'client').run()
      expect(replay.differences.map(({ type }) => type)).toEqual(['client_hello'])
      expect(replay.error?.code).toBe('ERR_BAD_RECORD_MAC')
    })

    it('has another binder, and other keys, when the PSK is another one', () => {
      const values = { ...psk.values, psk: toHex(new Uint8Array(32)) }
      const replay = new CoreReplay(provider, { ...psk, values, flow: psk.flow.slice(0, 4) }, 'client').run()
      expect(replay.differences.map(({ type }) => type)).toEqual(['client_hello'])
      expect(replay.error?.code).toBe('ERR_BAD_RECORD_MAC')
      expect(() => new KeyScheduleReplay(provider, { ...psk, values }).run()).toThrow()
    })

    it('gives our server a binder it refuses when the PSK is another one', () => {
      const trace = traceNamed('s-external-psk-aes128')
      const values = { ...trace.values, psk: toHex(new Uint8Array(32)) }
      const replay = new CoreReplay(provider, { ...trace, values, flow: trace.flow.slice(0, 1) }, 'server').run()
      expect(replay.error).toMatchObject({ code: 'ERR_BAD_BINDER', alert: 'decrypt_error' })
    })
  })
})

function flipLastBit(record: RecordedRecord): RecordedRecord {
  const last = Number.parseInt(record.record.slice(-1), 16) ^ 1
  return { ...record, record: record.record.slice(0, -1) + last.toString(16) }
}

function upTo(flow: readonly RecordedRecord[], index: number): readonly RecordedRecord[] {
  return flow.slice(0, index + 1)
}
