/** Every record of a recorded connection, opened and sealed again: byte for byte what was on the wire. */
import { concat, fromHex } from '../../bytes.js'
import type { CryptoProvider } from '../../crypto/provider.js'
import { RecordProtection } from '../../tls/recordProtection.js'
import { ContentType } from '../../tls/wire/codePoints.js'
import { MAX_INNER_PLAINTEXT_LENGTH, type Record, RecordReader, writeRecordHeader } from '../../tls/wire/record.js'
import { expectHex, expectText, expectThat, refuses } from '../check/outcome.js'
import { trafficSecretOf } from './messages.js'
import { isCompleted, type RecordedRecord, type Recording } from './recording.js'

/** @throws Error at the first record that is not as recorded */
export function checkRecords(crypto: CryptoProvider, recording: Recording): void {
  for (const [index, record] of recording.flow.entries()) {
    const where = `record ${index + 1}`
    if (record.epoch === 'plaintext') checkPlaintext(record, where)
    else checkProtected(crypto, recording, record, where)
  }
}

function checkPlaintext({ contentType, payload, record }: RecordedRecord, where: string): void {
  const { type, payload: found } = readRecord(record)
  expectText(`the type of ${where}`, typeName(type), contentType)
  expectHex(`the payload of ${where}`, found, payload)
  const header = new Uint8Array(5)
  writeRecordHeader(header, type, found.length)
  expectHex(`${where}, written again`, concat(header, found), withoutHelloVersion(record))
}

function checkProtected(crypto: CryptoProvider, recording: Recording, recorded: RecordedRecord, where: string): void {
  if (!isCompleted(recording)) throw new Error(`${where} is protected, but there are no secrets`)
  const { from, epoch, seq = 0, contentType, payload, record } = recorded
  const protectionAt = (sequence: number) => {
    const secret = trafficSecretOf(crypto, recording, from, epoch)
    const protection = new RecordProtection(crypto, recording.values.cipherSuite, secret)
    protection.records = sequence
    return protection
  }
  const opened = protectionAt(seq).open(readRecord(record), MAX_INNER_PLAINTEXT_LENGTH)
  expectText(`the type of ${where}`, typeName(opened.type), contentType)
  expectHex(`the content of ${where}`, opened.content, payload)
  expectHex(`${where}, sealed again`, protectionAt(seq).seal(opened.type, fromHex(payload)), record)
  const outOfOrder = () => protectionAt(seq + 1).open(readRecord(record), MAX_INNER_PLAINTEXT_LENGTH)
  expectThat(refuses(outOfOrder, 'ERR_BAD_RECORD_MAC'), `${where} opens under another sequence number`)
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

function typeName(code: number): string {
  return Object.entries(ContentType).find(([, value]) => value === code)?.[0] ?? String(code)
}
