import { connect, createSecureContext, type SecureContextOptions } from 'node:tls'
import { afterEach, describe, expect, it } from 'vitest'
import { tlsDeliveryLink } from '../../src/qkd/deliveryLink.js'
import { keyDeliveryGroups } from '../../src/qkd/index.js'
import { closingAfterEach, startHttpsServer } from '../support/httpsServer.js'
import { authority, credentials, saeA, saeB, startKeyManagers } from '../support/kme.js'
import { createTestAuthority } from '../support/kmeCertificates.js'
import { sourceAt } from '../support/sources.js'

const closing = closingAfterEach(afterEach)
const { openssl } = process.versions

function isUsable(options: SecureContextOptions): boolean {
  try {
    createSecureContext(options)
    return true
  } catch {
    return false
  }
}

const hasHybridGroup = isUsable({ ecdhCurve: 'X25519MLKEM768' })
const pqAuthority = createTestAuthority('Post-quantum KME CA', 'mldsa65')
const pqCredentials = (id: string) => ({ ...pqAuthority.issue(id), ca: pqAuthority.ca })
const hasMlDsa = isUsable(pqCredentials(saeA))

const hybrid = { kind: 'tls', protocol: 'TLSv1.3', group: 'X25519MLKEM768', postQuantum: true }
const classical = { kind: 'tls', protocol: 'TLSv1.3', group: 'X25519', postQuantum: false }
const refused = expect.objectContaining({ code: 'ERR_QKD_DELIVERY_LINK', blame: 'key-source' })
const keyOfOne = { keys: [{ key_ID: 'one', key: Buffer.alloc(32, 1).toString('base64') }] }

describe('the link to the key manager against quantum adversaries', () => {
  it('offers the hybrid group first exactly where OpenSSL has it', () => {
    expect(keyDeliveryGroups().split(':').includes('X25519MLKEM768')).toBe(hasHybridGroup)
    expect(keyDeliveryGroups()).toContain('X25519:P-256')
  })

  it.skipIf(!hasHybridGroup)(
    `the key manager speaks it (skipped where OpenSSL lacks it; here ${openssl})`,
    async () => {
      const kme = closing(await startKeyManagers())
      const socket = connect({
        port: Number(new URL(kme.urlA).port),
        host: '127.0.0.1',
        ecdhCurve: 'X25519MLKEM768',
        ...(credentials(saeA) as { cert: string; key: string }),
        ca: authority().ca,
      })
      await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject))
      expect(socket.authorized).toBe(true)
      socket.destroy()
    },
  )

  it.skipIf(!hasMlDsa)(
    `works with ML-DSA certificates (skipped where OpenSSL lacks them; here ${openssl})`,
    async () => {
      const kme = closing(
        await startKeyManagers({
          siteA: { kmeId: 'KME-A', sae: [saeA], tls: pqCredentials('KME-A') },
          siteB: { kmeId: 'KME-B', sae: [saeB], tls: pqCredentials('KME-B') },
        }),
      )
      const sent = await kme.source('A', pqCredentials(saeA)).getKey(saeB)
      expect(await kme.source('B', pqCredentials(saeB)).getKeyWithId(saeA, sent.keyId)).toEqual(sent)
    },
  )
})

describe('a key says by what link it came', () => {
  it('and so does its source, once there is a link', async () => {
    const { sourceA, sourceB } = closing(await startKeyManagers())
    expect(sourceA.deliveryLink).toBeNull()
    const expected = hasHybridGroup ? hybrid : classical
    const sent = await sourceA.getKey(saeB)
    expect(sent.delivery).toEqual(expected)
    expect(sourceA.deliveryLink).toEqual(expected)
    expect((await sourceB.getKeyWithId(saeA, sent.keyId)).delivery).toEqual(expected)
    const { keys } = await sourceA.getKeys(saeB, { number: 2 })
    expect(keys.map(({ delivery }) => delivery)).toEqual([expected, expected])
  })

  it('each key of two connections names its own, when the key manager changes its groups in between', async () => {
    let answered = 0
    const answer = () => ({ body: { keys: [{ ...keyOfOne.keys[0], key_ID: `key ${answered++}` }] } })
    const before = closing(await startHttpsServer(answer, { tls: { ecdhCurve: 'P-384' } }))
    const source = closing(sourceAt(before.url))
    expect((await source.getKey(saeB)).delivery).toMatchObject({ group: 'secp384r1', postQuantum: false })
    await before.close()
    closing(await startHttpsServer(answer, { port: before.port, tls: { ecdhCurve: 'P-256' } }))
    expect((await source.getKey(saeB)).delivery).toMatchObject({ group: 'prime256v1', postQuantum: false })
  })

  it('TLS 1.2 is not post-quantum, whatever its group', async () => {
    const server = closing(await startHttpsServer(() => ({ body: keyOfOne }), { tls: { maxVersion: 'TLSv1.2' } }))
    const { delivery } = await closing(sourceAt(server.url)).getKey(saeB)
    expect(delivery).toEqual({ kind: 'tls', protocol: 'TLSv1.2', group: 'X25519', postQuantum: false })
  })

  it('only groups with ML-KEM in TLS 1.3 count as post-quantum', () => {
    const link = (protocol: string, info: object) =>
      tlsDeliveryLink({ getProtocol: () => protocol, getEphemeralKeyInfo: () => info } as never)
    for (const name of ['X25519MLKEM768', 'SecP256r1MLKEM768', 'SecP384r1MLKEM1024', 'MLKEM1024']) {
      expect(link('TLSv1.3', { type: 'TLSGroup', name }).postQuantum).toBe(true)
      expect(link('TLSv1.2', { type: 'TLSGroup', name }).postQuantum).toBe(false)
    }
    for (const name of ['X25519', 'prime256v1', 'ffdhe3072', 'X25519Kyber768Draft00', 'MLKEM', '']) {
      expect(link('TLSv1.3', { type: 'TLSGroup', name }).postQuantum).toBe(false)
    }
    expect(link('TLSv1.3', {})).toMatchObject({ group: null, postQuantum: false })
    expect(link('TLSv1.2', { type: 'DH', size: 2048 })).toMatchObject({ group: 'DH', postQuantum: false })
  })
})

describe('requirePostQuantumDelivery', () => {
  it.skipIf(!hasHybridGroup)(
    `lets keys come over the hybrid group (skipped where OpenSSL lacks it; here ${openssl})`,
    async () => {
      const { sourceA, sourceB } = closing(await startKeyManagers({}, { requirePostQuantumDelivery: true }))
      const sent = await sourceA.getKey(saeB)
      expect((await sourceB.getKeyWithId(saeA, sent.keyId)).delivery).toEqual(hybrid)
    },
  )

  it.skipIf(hasHybridGroup)(
    `refuses every link where OpenSSL has no hybrid group, before a request is sent (here ${openssl})`,
    async () => {
      const { sourceA, a } = closing(await startKeyManagers({}, { requirePostQuantumDelivery: true }))
      await expect(sourceA.getKey(saeB)).rejects.toEqual(refused)
      await expect(sourceA.getKeyWithId(saeB, 'some key')).rejects.toEqual(refused)
      await expect(sourceA.status(saeB)).rejects.toEqual(refused)
      expect(a.counters).toEqual({ status: 0, enc_keys: 0, dec_keys: 0 })
      expect(sourceA.deliveryLink).toEqual(classical)
    },
  )

  it('refuses a key manager that knows classical groups alone: once, and before a request is sent', async () => {
    const server = closing(await startHttpsServer(() => ({ body: keyOfOne }), { tls: { ecdhCurve: 'X25519' } }))
    const source = closing(sourceAt(server.url, { requirePostQuantumDelivery: true }))
    const error = await source.getKey(saeB).catch((thrown: unknown) => thrown)
    expect(error).toEqual(refused)
    expect((error as Error).message).toBe('the link to the key manager is not post-quantum: it negotiated X25519')
    expect(server.requests).toEqual([])
    expect(server.connections()).toBe(1)
    expect(source.deliveryLink).toEqual(classical)
  })

  it('is off unless asked for', async () => {
    const server = closing(await startHttpsServer(() => ({ body: keyOfOne }), { tls: { ecdhCurve: 'X25519' } }))
    expect((await closing(sourceAt(server.url)).getKey(saeB)).delivery).toEqual(classical)
  })
})
