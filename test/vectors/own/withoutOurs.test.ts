/** What vectors/README.md says, done on node:crypto alone: records open with the keys, secrets follow from one another. */
import { createDecipheriv, createHash, createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { traceFiles } from './files.js'

type Values = Readonly<Record<string, string>> & {
  readonly trafficKeys: Readonly<Record<string, { readonly key: string; readonly iv: string }>>
  readonly clientFinished: { readonly transcriptHash: string; readonly verifyData: string }
}

const CIPHERS: Readonly<Record<string, string>> = {
  TLS_AES_256_GCM_SHA384: 'aes-256-gcm',
  TLS_AES_128_GCM_SHA256: 'aes-128-gcm',
  TLS_CHACHA20_POLY1305_SHA256: 'chacha20-poly1305',
}

const completed = traceFiles().map(({ name, document }) => ({
  name,
  traces: document.traces.filter(({ result }) => result.ok),
}))

describe.each(completed.filter(({ traces }) => traces.length > 0))('of $name', ({ traces }) => {
  it('every protected record opens with the traffic keys of its epoch', () => {
    for (const { flow, values } of traces) {
      for (const { from, epoch, seq = 0, contentType, payload, record } of flow) {
        if (epoch === 'plaintext') continue
        const name = `${from}${epoch.charAt(0).toUpperCase()}${epoch.slice(1)}`
        const opened = decrypt(values as unknown as Values, name, seq, Buffer.from(record, 'hex'))
        const types = { handshake: '16', alert: '15', application_data: '17' } as Record<string, string>
        expect(opened).toBe(`${payload}${types[contentType]}`)
      }
    }
  })

  it('every secret follows from the one before it, the PSK and the shared secret', () => {
    for (const { values, messages } of traces) checkSchedule(values as unknown as Values, messages)
  })
})

function decrypt({ cipherSuite = '', trafficKeys }: Values, name: string, seq: number, record: Buffer): string {
  const { key = '', iv = '' } = trafficKeys[name] ?? {}
  const nonce = Buffer.from(iv, 'hex')
  nonce[11] = (nonce[11] as number) ^ seq
  const cipher = CIPHERS[cipherSuite] as 'aes-256-gcm'
  const decipher = createDecipheriv(cipher, Buffer.from(key, 'hex'), nonce, { authTagLength: 16 })
  decipher.setAAD(record.subarray(0, 5), { plaintextLength: record.length - 21 })
  decipher.setAuthTag(record.subarray(-16))
  const opened = Buffer.concat([decipher.update(record.subarray(5, -16)), decipher.final()])
  return opened.toString('hex')
}

function checkSchedule(
  values: Values,
  messages: readonly { type: string; from: string; transcriptHash?: string }[],
): void {
  const algorithm = values['hash'] === 'SHA-384' ? 'sha384' : 'sha256'
  const zeros = Buffer.alloc(algorithm === 'sha384' ? 48 : 32)
  const hmac = (key: Buffer, data: Buffer) => createHmac(algorithm, key).update(data).digest()
  /** HKDF-Expand-Label of one block. */
  const expand = (secret: Buffer, label: string, context: Buffer, length = zeros.length) => {
    const name = Buffer.from(`tls13 ${label}`)
    const info = [Buffer.of(0, length, name.length), name, Buffer.of(context.length), context, Buffer.of(1)]
    return hmac(secret, Buffer.concat(info)).subarray(0, length)
  }
  const value = (name: string) => Buffer.from(values[name] ?? '', 'hex')
  const through = (from: string, type: string) => {
    const found = messages.findLast((message) => message.from === from && message.type === type)
    return Buffer.from(found?.transcriptHash ?? '', 'hex')
  }
  const empty = createHash(algorithm).digest()
  const early = hmac(zeros, values['psk'] === undefined ? zeros : value('psk'))
  const handshake = hmac(expand(early, 'derived', empty), value('sharedSecret'))
  const master = hmac(expand(handshake, 'derived', empty), zeros)
  const [hello, finished] = [through('server', 'ServerHello'), through('server', 'Finished')]
  const computed = {
    earlySecret: early,
    handshakeSecret: handshake,
    clientHandshakeTrafficSecret: expand(handshake, 'c hs traffic', hello),
    serverHandshakeTrafficSecret: expand(handshake, 's hs traffic', hello),
    masterSecret: master,
    clientApplicationTrafficSecret: expand(master, 'c ap traffic', finished),
    serverApplicationTrafficSecret: expand(master, 's ap traffic', finished),
    exporterMasterSecret: expand(master, 'exp master', finished),
    resumptionMasterSecret: expand(master, 'res master', through('client', 'Finished')),
  }
  for (const [name, secret] of Object.entries(computed)) expect(secret.toString('hex'), name).toBe(values[name])
  const { transcriptHash, verifyData } = values.clientFinished
  const finishedKey = expand(computed.clientHandshakeTrafficSecret, 'finished', Buffer.alloc(0))
  expect(hmac(finishedKey, Buffer.from(transcriptHash, 'hex')).toString('hex')).toBe(verifyData)
}
