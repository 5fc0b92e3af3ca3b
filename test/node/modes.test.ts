import { describe, expect, it } from 'vitest'
import { ca, clientIdentity, plain, psk, qkdPair, serverIdentity, shake } from './fixtures.js'

describe('socket.protection says what the keys rest on, in every mode', () => {
  it('is null before the handshake is complete and frozen after it', async () => {
    const { client, server } = await plain()
    for (const socket of [client, server]) {
      expect(Object.isFrozen(socket.protection)).toBe(true)
      expect(Object.isFrozen(socket.protection?.handshake)).toBe(true)
    }
  })

  it('certificate alone: hybrid key exchange, the server known by ML-DSA, the client by nothing', async () => {
    const { client, server } = await plain()
    expect(client.protection).toMatchObject({
      keyExchange: { group: 'X25519MLKEM768', x25519: true, mlkem: 'ML-KEM-768' },
      qkd: null,
      psk: null,
      authentication: { peer: 'certificate', scheme: 'mldsa44', local: null, localScheme: null },
      cipher: 'TLS_AES_256_GCM_SHA384',
      resumed: false,
      freshQkdAt: null,
    })
    expect(server.protection?.authentication).toEqual({
      peer: null,
      scheme: null,
      local: 'certificate',
      localScheme: 'mldsa44',
      certificateType: null,
      bootstrap: null,
    })
    expect([client.authorized, server.authorized]).toEqual([true, false])
    expect(client.protection?.handshake.bytesSent).toBe(server.protection?.handshake.bytesReceived)
    expect(client.protection?.handshake.bytesReceived).toBe(server.protection?.handshake.bytesSent)
  })

  it('certificates both ways with a QKD key (RFC 9973): same key_ID on both sides', async () => {
    const qkd = qkdPair()
    const { client, server } = await shake(
      { ...serverIdentity, ca, requestCert: true, qkd: qkd.server },
      { ...clientIdentity, ca, qkd: qkd.client },
    )
    expect(client.protection).toMatchObject({
      qkd: { source: 'in-process', localSaeId: 'sae-client', peerSaeId: 'sae-server' },
      psk: null,
      authentication: { peer: 'certificate', scheme: 'mldsa44', local: 'certificate', localScheme: 'mldsa44' },
    })
    expect(server.protection?.qkd).toEqual({
      keyId: client.protection?.qkd?.keyId,
      source: 'in-process',
      localSaeId: 'sae-server',
      peerSaeId: 'sae-client',
      delivery: { kind: 'memory', protocol: null, group: null, postQuantum: true },
    })
    expect(server.protection?.authentication.peer).toBe('certificate')
    expect(client.protection?.freshQkdAt).toBeGreaterThan(0)
  })

  it('certificate and QKD key without a client certificate: the server knows the client by the QKD key', async () => {
    const qkd = qkdPair()
    const { client, server } = await shake({ ...serverIdentity, qkd: qkd.server }, { ca, qkd: qkd.client })
    expect(client.protection?.authentication.peer).toBe('certificate')
    expect(server.protection?.authentication.peer).toBe('qkd')
  })

  it('PSK and QKD key: both in the keys, the PSK authenticates', async () => {
    const qkd = qkdPair()
    const { client, server } = await shake({ psk, qkd: qkd.server }, { psk, qkd: qkd.client })
    for (const { protection } of [client, server]) {
      expect(protection?.psk).toEqual({ identity: 'test', localId: null, peerId: null })
      expect(protection?.qkd?.keyId).toBe(client.protection?.qkd?.keyId)
      expect(protection?.authentication).toMatchObject({ peer: 'psk', scheme: null, local: 'psk' })
    }
  })

  it('PSK alone, imported or raw, over a hybrid key exchange', async () => {
    for (const importer of [true, false]) {
      const option = { ...psk, importer }
      const { client, server } = await shake({ psk: option }, { psk: option })
      expect(client.protection).toMatchObject({ psk: { identity: 'test' }, qkd: null, keyExchange: { x25519: true } })
      expect(server.protection?.authentication.peer).toBe('psk')
      expect(client.authorized).toBe(true)
    }
  })

  it('PSK together with certificates (RFC 9973)', async () => {
    const { client } = await shake(
      { ...serverIdentity, psk, pskWithCertificate: true },
      { ca, psk, pskWithCertificate: true },
    )
    expect(client.protection).toMatchObject({
      psk: { identity: 'test' },
      authentication: { peer: 'certificate', scheme: 'mldsa44', local: 'psk' },
    })
  })

  it('QKD key alone: the key managers vouch for both', async () => {
    const qkd = qkdPair()
    const { client, server } = await shake({ qkd: qkd.server }, { qkd: qkd.client })
    expect(client.protection?.authentication).toMatchObject({ peer: 'qkd', local: 'qkd' })
    expect(server.protection?.authentication).toMatchObject({ peer: 'qkd', local: 'qkd' })
  })

  it('policy prefer without keys goes on with the certificate, and says so on both sides and by callback', async () => {
    const qkd = qkdPair(0)
    const told: string[] = []
    const { client, server } = await shake(
      { ...serverIdentity, qkd: { ...qkd.server, policy: 'prefer' } },
      { ca, qkd: { ...qkd.client, policy: 'prefer' }, onQkdFallback: ({ code }) => told.push(code) },
    )
    expect(told).toEqual(['ERR_QKD_EXHAUSTED'])
    expect([client.protection?.qkd, server.protection?.qkd]).toEqual([null, null])
  })

  it('classical groups and certificates pass when the policy says so', async () => {
    const policy = { allowClassicalKeyExchange: true }
    const { client } = await plain({ policy }, { policy, groups: 'x25519' })
    expect(client.protection?.keyExchange).toEqual({ group: 'x25519', x25519: true, mlkem: null })
  })
})
