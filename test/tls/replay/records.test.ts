/** Every record of every recorded connection, opened and sealed again: byte for byte what was on the wire. */
import { describe, expect, it } from 'vitest'
import { ALERTS } from '../../../src/alerts.js'
import { concat, fromHex, toHex } from '../../../src/bytes.js'
import type { CryptoProvider } from '../../../src/crypto/index.js'
import { RecordProtection } from '../../../src/tls/index.js'
import { ContentType } from '../../../src/tls/wire/codePoints.js'
import {
  MAX_INNER_PLAINTEXT_LENGTH,
  type Record,
  RecordReader,
  writeRecordHeader,
} from '../../../src/tls/wire/record.js'
import { PROVIDERS } from '../../support/providers.js'
import { refusal } from '../../support/refusal.js'
import { allTraces, isCompleted, type RecordedRecord, type Trace, trafficSecretOf } from '../../support/traces.js'
import { describeVectors } from '../../support/vectors.js'

describeVectors('the records of recorded connections', () => {
  it('are those of all 32 traces', () => expect(allTraces()).toHaveLength(32))

  describe.each(PROVIDERS)('with the $name provider', (provider) => {
    it.each(allTraces())('open to the recorded content and seal to the recorded octets: $id', (trace) => {
      expect(trace.flow.length).toBeGreaterThan(1)
      for (const record of trace.flow) {
        if (record.epoch === 'plaintext') checkPlaintext(record)
        else checkProtected(provider, trace, record)
      }
    })
  })
})

function checkPlaintext({ contentType, payload, record }: RecordedRecord): void {
  const { type, payload: found } = readRecord(record)
  expect(type).toBe(ContentType[contentType])
  expect(toHex(found)).toBe(payload)
  const header = new Uint8Array(5)
  writeRecordHeader(header, type, found.length)
  expect(withoutHelloVersion(toHex(concat(header, found)))).toBe(withoutHelloVersion(record))
  if (contentType === 'alert') expect(payload).toBe(toHex(Uint8Array.of(2, ALERTS.illegal_parameter)))
}

function checkProtected(crypto: CryptoProvider, trace: Trace, recorded: RecordedRecord): void {
  if (!isCompleted(trace)) throw new Error(`${trace.id} has protected records but no secrets`)
  const { from, epoch, seq = 0, contentType, payload, record } = recorded
  const protectionAt = (sequence: number) => {
    const secret = trafficSecretOf(trace, from, epoch)
    const protection = new RecordProtection(crypto, trace.values.cipherSuite, secret)
    protection.records = sequence
    return protection
  }
  const opened = protectionAt(seq).open(readRecord(record), MAX_INNER_PLAINTEXT_LENGTH)
  expect(opened.type).toBe(ContentType[contentType])
  expect(toHex(opened.content)).toBe(payload)
  expect(toHex(protectionAt(seq).seal(opened.type, fromHex(payload)))).toBe(record)
  const outOfOrder = () => protectionAt(seq + 1).open(readRecord(record), MAX_INNER_PLAINTEXT_LENGTH)
  expect(refusal(outOfOrder)).toBe('ERR_BAD_RECORD_MAC')
}

function readRecord(record: string): Record {
  const reader = new RecordReader()
  reader.push(fromHex(record))
  const read = reader.next()
  if (read === null || reader.partial) throw new Error('a recorded record is not one whole record')
  return read
}

/** The record of a first ClientHello may say 0x0301 where all others say 0x0303 (RFC 9846 5.1). */
function withoutHelloVersion(record: string): string {
  return record.startsWith('160301') ? `160303${record.slice(6)}` : record
}
