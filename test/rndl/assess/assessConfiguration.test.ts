/** Configurations of anybody's own, put through the harness. */
import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { defaultProvider } from '../../../src/crypto/index.js'
import type { ConnectionOptions, QkdPolicy, ServerOptions } from '../../../src/index.js'
import { createSecureContext, TrefoilError } from '../../../src/index.js'
import { createCertificateAuthority, issueCertificate } from '../../../src/pki/index.js'
import { inProcessPair, type KeySource } from '../../../src/qkd/index.js'
import { type AssessOptions, assessConfiguration } from '../../../src/rndl/index.js'

const crypto = defaultProvider()
const authority = createCertificateAuthority({ commonName: 'Assessed CA', algorithm: 'mldsa44', crypto })
const identity = (name: string) => {
  const made = issueCertificate({ ca: authority, subjectAltNames: [name], algorithm: 'mldsa44', crypto })
  return { cert: made.certificatePem, key: made.privateKeyPem }
}
const server: ServerOptions = identity('localhost')
const client: ConnectionOptions = { ca: authority.certificatePem }
const psk = { identity: 'assessed', key: randomBytes(32) }

function withQkd(policy: QkdPolicy = 'require', change: (source: KeySource) => KeySource = (source) => source) {
  const [a, b] = inProcessPair({ siteA: 'sae-a', siteB: 'sae-b', random: (length) => randomBytes(length) })
  return {
    client: { ...client, qkd: { source: change(a), localSaeId: 'sae-a', peerSaeId: 'sae-b', policy } },
    server: { ...server, qkd: { source: change(b), localSaeId: 'sae-b', peerSaeId: 'sae-a', policy } },
  }
}

describe('assessConfiguration', () => {
  it('names the components that sessions rest on, and finds the adversary of one mind with graph and claim', async () => {
    const assessment = await assessConfiguration(withQkd())
    expect(assessment.components).toEqual(['curve', 'ML-KEM', 'QKD'])
    expect(assessment.componentsWhenResumed).toBeNull()
    expect(assessment.satisfied).toBe(true)
    expect(assessment.remarks).toEqual([])
    expect(assessment.protection.qkd).not.toBeNull()
    expect(assessment.report.summary).toMatchObject({ disagreements: 0 })
    expect(assessment.report.summary.cells).toBeGreaterThan(300)
  })

  it('is not satisfied with a session that rests on less than is demanded', async () => {
    const assessment = await assessConfiguration({ client, server, requires: ['ML-KEM', 'QKD'] })
    expect(assessment.components).toEqual(['curve', 'ML-KEM'])
    expect(assessment.satisfied).toBe(false)
    expect(assessment.remarks).toEqual(['the secrecy of sessions does not rest on a QKD key, as it should'])
  })

  it('sees that a ticket leads to sessions without the QKD key', async () => {
    const assessment = await assessConfiguration({ ...withQkd('prefer'), requires: ['QKD'] })
    expect(assessment.components).toEqual(['curve', 'ML-KEM', 'QKD'])
    expect(assessment.componentsWhenResumed).toEqual(['curve', 'ML-KEM'])
    expect(assessment.satisfied).toBe(false)
    expect(assessment.remarks.join()).toContain('a resumed session does not rest on a QKD key')
    expect(assessment.report.summary.disagreements).toBe(0)
  })

  it('takes a PSK of either end for what it is, and a classical exchange too', async () => {
    const policy = { allowClassicalKeyExchange: true }
    const ends = {
      client: { psk, groups: 'x25519', policy },
      server: { psk, groups: 'x25519', policy, tickets: false },
    }
    const assessment = await assessConfiguration(ends)
    expect(assessment.components).toEqual(['curve', 'auth PSK'])
    expect(assessment.report.summary.disagreements).toBe(0)
  })

  it('says that tickets hold the certificate of a client, since the adversary read it there', async () => {
    const ends = {
      client: { ...client, ...identity('client.example') },
      server: { ...server, ca: authority.certificatePem, requestCert: true },
    }
    const assessment = await assessConfiguration(ends)
    expect(assessment.remarks).toContain("tickets hold the client's certificate: the ticket keys open it")
    expect(assessment.report.summary.disagreements).toBe(0)
  })

  it('counts a classical link to the key manager as one more way to the QKD key', async () => {
    const delivery = { kind: 'tls', protocol: 'TLSv1.3', group: 'x25519', postQuantum: false } as const
    const delivered = (source: KeySource): KeySource => ({
      ...source,
      getKey: async (...asked) => ({ ...(await source.getKey(...asked)), delivery }),
      getKeyWithId: async (...asked) => ({ ...(await source.getKeyWithId(...asked)), delivery }),
    })
    const assessment = await assessConfiguration(withQkd('require', delivered))
    expect(assessment.components).toContain('QKD')
    expect(assessment.report.scenarios[0]?.leaks).toContain('deliveryLink')
    expect(assessment.remarks.join()).toContain('QKD keys are delivered under x25519')
    expect(assessment.report.summary.disagreements).toBe(0)
  })

  it.each(['client', 'server'] as const)('is of one mind where QKD is preferred and fails at the %s', async (end) => {
    const ends = withQkd('prefer')
    const down = () => Promise.reject(new TrefoilError('ERR_QKD_UNREACHABLE', 'down'))
    const { qkd } = ends[end]
    const failing = {
      ...ends,
      [end]: { ...ends[end], qkd: { ...qkd, source: { ...qkd.source, getKey: down, getKeyWithId: down } } },
    }
    const assessment = await assessConfiguration(failing)
    expect(assessment.protection.qkd).toBeNull()
    expect(assessment.components).toEqual(['curve', 'ML-KEM'])
    // A ticket was given, and not offered: a QKD key is tried for first.
    expect(assessment.componentsWhenResumed).toBeNull()
    expect(assessment.report.summary.disagreements).toBe(0)
  })

  it.each([
    ['in a list', { ...psk, key: [randomBytes(32), psk.key] }],
    ['looked up', () => ({ key: [randomBytes(32), psk.key] })],
  ])('knows a key that the server tries first and that the client has not yet: %s', async (_, ofServer) => {
    const assessment = await assessConfiguration({ client: { psk }, server: { psk: ofServer, tickets: false } })
    expect(assessment.components).toEqual(['curve', 'ML-KEM', 'auth PSK'])
    expect(assessment.report.falseAlarms).toEqual([])
    expect(assessment.satisfied).toBe(true)
  })

  it('takes a QKD key that goes past the importer', async () => {
    const { client: asking, server: asked } = withQkd()
    const ends = {
      client: { qkd: { ...asking.qkd, importer: false } },
      server: { qkd: { ...asked.qkd, importer: false } },
    }
    const assessment = await assessConfiguration(ends)
    expect(assessment.components).toEqual(['curve', 'ML-KEM', 'QKD'])
    expect(assessment.satisfied).toBe(true)
  })

  it('goes through the tap, whatever way the client would take', async () => {
    const elsewhere = { path: '/nowhere.sock', localAddress: '192.0.2.1', localPort: 1, family: 6, host: 'localhost' }
    const assessment = await assessConfiguration({ client: { ...client, ...elsewhere }, server })
    expect(assessment.satisfied).toBe(true)
  })

  it.each([
    ['no options of a client', { client: null }],
    ['a PSK that is a function at the client', { client: { psk: () => psk } }],
    ['a PSK without a key', { client: { psk: { identity: 'keyless' } } }],
    ['QKD without a source', { client: { qkd: { localSaeId: 'a', peerSaeId: 'b' } } }],
    ['a component that there is not', { requires: ['qkd'] }],
    ['components that are no list', { requires: 'QKD' }],
    ['a short seed', { seed: new Uint8Array(15) }],
  ])('refuses %s with an error of its own', async (_, wrong) => {
    const options = { client, server, ...wrong } as unknown as AssessOptions
    await expect(assessConfiguration(options)).rejects.toMatchObject({ name: 'TrefoilError' })
  })

  it('refuses options that hide what the ends compute with', async () => {
    const secureContext = createSecureContext({ ca: authority.certificatePem })
    await expect(assessConfiguration({ client: { secureContext }, server })).rejects.toMatchObject({
      code: 'ERR_INVALID_OPTION',
      message: 'an assessment needs what secureContext is made of in its place',
    })
  })

  it('passes on what an end refuses the other for', async () => {
    const stranger = createCertificateAuthority({ commonName: 'Another CA', algorithm: 'mldsa44', crypto })
    const ends = { client: { ca: stranger.certificatePem }, server }
    await expect(assessConfiguration(ends)).rejects.toMatchObject({ name: 'TrefoilError' })
  })
})
