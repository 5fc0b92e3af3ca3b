/**
 * Opens recorded records with the lines of a key log and node:crypto alone: an independent reader of RFC 9850, for
 * TLS_AES_256_GCM_SHA384 without KeyUpdate.
 */
import { createDecipheriv, createHmac } from 'node:crypto'

export type KeyLog = ReadonlyMap<string, Buffer>

/** Lines of one connection: label, client random, secret. */
export function readKeyLog(lines: string): KeyLog {
  return new Map(
    lines
      .trim()
      .split('\n')
      .map((line) => line.split(' '))
      .map(([label = '', , secret = '']) => [label, Buffer.from(secret, 'hex')]),
  )
}

/** The application data that one end sent, given all its octets. */
export function applicationData(sent: Buffer, log: KeyLog, sender: 'CLIENT' | 'SERVER'): Buffer {
  const stages = [`${sender}_HANDSHAKE_TRAFFIC_SECRET`, `${sender}_TRAFFIC_SECRET_0`].map((label) => {
    const secret = log.get(label)
    if (secret === undefined) throw new Error(`the key log has no ${label}`)
    return { key: expandLabel(secret, 'key', 32), iv: expandLabel(secret, 'iv', 12) }
  })
  const data: Buffer[] = []
  let stage = 0
  let sequence = 0
  for (const record of records(sent)) {
    // Plaintext hellos, and the change_cipher_spec of middlebox compatibility.
    if (record[0] !== 23) continue
    let opened = open(record, stages[stage], sequence)
    if (opened === null && stage === 0) {
      stage = 1
      sequence = 0
      opened = open(record, stages[stage], sequence)
    }
    if (opened === null) throw new Error(`record ${sequence} does not open with the secrets of the key log`)
    sequence++
    const end = opened.findLastIndex((octet) => octet !== 0)
    if (opened[end] === 23) data.push(opened.subarray(0, end))
  }
  return Buffer.concat(data)
}

function* records(octets: Buffer): Generator<Buffer> {
  for (let offset = 0; offset < octets.length; ) {
    const end = offset + 5 + octets.readUInt16BE(offset + 3)
    yield octets.subarray(offset, end)
    offset = end
  }
}

/** RFC 9846 5.2 and 5.3; null when it does not authenticate. */
function open(record: Buffer, keys: { key: Buffer; iv: Buffer } | undefined, sequence: number): Buffer | null {
  if (keys === undefined) return null
  const nonce = Buffer.from(keys.iv)
  nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ sequence) >>> 0, 8)
  const decipher = createDecipheriv('aes-256-gcm', keys.key, nonce)
  decipher.setAAD(record.subarray(0, 5)).setAuthTag(record.subarray(-16))
  try {
    return Buffer.concat([decipher.update(record.subarray(5, -16)), decipher.final()])
  } catch {
    return null
  }
}

/** HKDF-Expand-Label with an empty context (RFC 9846 7.1), one block of SHA-384 at most. */
function expandLabel(secret: Buffer, label: string, length: number): Buffer {
  const full = `tls13 ${label}`
  const info = Buffer.concat([Buffer.of(0, length, full.length), Buffer.from(full), Buffer.of(0, 1)])
  return createHmac('sha384', secret).update(info).digest().subarray(0, length)
}
