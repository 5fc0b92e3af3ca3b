/** Certificates that must not pass: what each end says, with and without a QKD key beside them. */
import { describe, expect, it } from 'vitest'
import { defaultProvider } from '../../src/crypto/index.js'
import {
  type ConnectionOptions,
  createSecureContext,
  type ErrorCode,
  type SecureContext,
  type ServerOptions,
} from '../../src/index.js'
import { issueCertificate } from '../../src/pki/index.js'
import { exchangeAndClose, listen, meet, refused } from './ends.js'
import { authority, ca, clientIdentity, type Identity, identity, serverIdentity, testCa } from './identities.js'
import { NO_KEY, ONE_KEY, useLink } from './link.js'

const link = useLink()
const YEAR = 365 * 86_400_000
const expired = { notBefore: Date.now() - 2 * YEAR, days: 365 }
const notYetValid = { notBefore: Date.now() + YEAR }
/** An authority that nobody trusts, and one that only has the name of the trusted one. */
const stranger = authority('Another CA')
const namesake = authority('Modes CA')

/** Shows a chain and signs with a key that is not in it. */
function impostor(own: Identity, trusted?: string): SecureContext {
  const context = createSecureContext({ ...own, ...(trusted !== undefined && { ca: trusted }) })
  const seed = new Uint8Array(32).fill(9)
  const key = defaultProvider().signingKey({ algorithm: 'mldsa44', seed })
  return { ...context, credentials: context.credentials.map((credential) => ({ ...credential, key })) }
}

/** The last octet of a certificate is the last of its signature. */
function altered({ cert, key }: Identity): Identity {
  const der = Buffer.from(cert.split('-----')[2] as string, 'base64')
  der[der.length - 1] = (der.at(-1) as number) ^ 1
  const lines = der.toString('base64').replace(/.{64}/g, '$&\n').trimEnd()
  return { cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`, key }
}

const WAYS = [
  { way: 'certificate', qkd: false },
  { way: 'certificate + QKD', qkd: true },
]

describe.each(WAYS)('$way', ({ qkd }) => {
  const onServer = (options: ServerOptions): ServerOptions => (qkd ? { ...options, qkd: link.server() } : options)
  const onClient = (options: ConnectionOptions): ConnectionOptions =>
    qkd ? { ...options, qkd: link.client() } : options

  const SERVERS: [string, () => ServerOptions, ErrorCode, string][] = [
    ['for another name', () => identity('other.test'), 'ERR_CERTIFICATE_NAME_MISMATCH', 'bad_certificate'],
    ['for another address', () => identity('127.0.0.2'), 'ERR_CERTIFICATE_NAME_MISMATCH', 'bad_certificate'],
    ['that has expired', () => identity('127.0.0.1', expired), 'ERR_CERTIFICATE_EXPIRED', 'certificate_expired'],
    [
      'that is not valid yet',
      () => identity('127.0.0.1', notYetValid),
      'ERR_CERTIFICATE_NOT_YET_VALID',
      'certificate_expired',
    ],
    ['of an unknown CA', () => identity('127.0.0.1', { ca: stranger }), 'ERR_UNKNOWN_CA', 'unknown_ca'],
    [
      'of another CA with the name of the trusted one',
      () => identity('127.0.0.1', { ca: namesake }),
      'ERR_UNKNOWN_CA',
      'unknown_ca',
    ],
    ['whose signature was altered', () => altered(serverIdentity), 'ERR_CERTIFICATE_SIGNATURE', 'bad_certificate'],
    [
      'that is for clients only',
      () => identity('127.0.0.1', { usage: ['client'] }),
      'ERR_UNSUPPORTED_CERTIFICATE',
      'unsupported_certificate',
    ],
    [
      'whose key did not sign the handshake',
      () => ({ secureContext: impostor(serverIdentity) }),
      'ERR_BAD_CERTIFICATE_VERIFY',
      'decrypt_error',
    ],
  ]
  it.each(SERVERS)('a server certificate %s is refused by the client', async (_, server, code, alert) => {
    const outcome = await refused(onServer(server()), onClient({ ca }))
    expect(outcome).toEqual({ client: [code, alert], server: ['ERR_ALERT_RECEIVED', alert], sessions: 0 })
    expect(link.calls()).toEqual(qkd ? ONE_KEY : NO_KEY)
  })

  const CLIENTS: [string, () => ConnectionOptions, ErrorCode, string][] = [
    ['that is missing', () => ({}), 'ERR_CERTIFICATE_REQUIRED', 'certificate_required'],
    ['that has expired', () => identity('client.test', expired), 'ERR_CERTIFICATE_EXPIRED', 'certificate_expired'],
    [
      'that is not valid yet',
      () => identity('client.test', notYetValid),
      'ERR_CERTIFICATE_NOT_YET_VALID',
      'certificate_expired',
    ],
    ['of an unknown CA', () => identity('client.test', { ca: stranger }), 'ERR_UNKNOWN_CA', 'unknown_ca'],
    [
      'of another CA with the name of the trusted one',
      () => identity('client.test', { ca: namesake }),
      'ERR_UNKNOWN_CA',
      'unknown_ca',
    ],
    ['whose signature was altered', () => altered(clientIdentity), 'ERR_CERTIFICATE_SIGNATURE', 'bad_certificate'],
    [
      'that is for servers only',
      () => identity('client.test', { usage: ['server'] }),
      'ERR_UNSUPPORTED_CERTIFICATE',
      'unsupported_certificate',
    ],
    [
      'whose key did not sign the handshake',
      () => ({ secureContext: impostor(clientIdentity, ca) }),
      'ERR_BAD_CERTIFICATE_VERIFY',
      'decrypt_error',
    ],
  ]
  it.each(CLIENTS)('a client certificate %s is refused by the server', async (_, client, code, alert) => {
    const server = onServer({ ...serverIdentity, ca, requestCert: true })
    const outcome = await refused(server, onClient({ ca, ...client() }))
    expect(outcome).toEqual({ client: ['ERR_ALERT_RECEIVED', alert], server: [code, alert], sessions: 0 })
    expect(link.calls()).toEqual(qkd ? ONE_KEY : NO_KEY)
  })

  it('a server that trusts nobody for clients, and asks them for nothing, shows its certificate all the same', async () => {
    const session = await meet(onServer(serverIdentity), onClient({ ...clientIdentity, ca }))
    expect(session.server.protection?.authentication.peer).toBe(qkd ? 'qkd' : null)
    expect(session.client.protection?.authentication.local).toBe(qkd ? 'qkd' : null)
    await exchangeAndClose(session)
  })

  it('what is wrong passes where the caller says so, and is not called authenticated', async () => {
    const server = onServer({ ...identity('other.test') })
    const session = await meet(server, onClient({ ca, rejectUnauthorized: false }))
    const { client } = session
    expect([client.authorized, client.authorizationError?.code]).toEqual([false, 'ERR_CERTIFICATE_NAME_MISMATCH'])
    expect(client.protection?.authentication.peer).toBeNull()
    await exchangeAndClose(session)
  })

  it('the key of a handshake refused for its certificate is burnt', async () => {
    const listening = await listen(onServer(identity('other.test')))
    await refused(listening, onClient({ ca }))
    const session = await meet(listening, onClient({ ca, servername: 'other.test' }))
    expect(session.client.protection?.qkd?.keyId).toBe(session.server.protection?.qkd?.keyId)
    const twice = { client: { enc: 2, dec: 0 }, server: { enc: 0, dec: 2 } }
    expect(link.calls()).toEqual(qkd ? twice : NO_KEY)
  })
})

it('a leaf of an intermediate passes with the intermediate beside it, and not without', async () => {
  const common = { algorithm: 'mldsa44', crypto: defaultProvider() } as const
  const intermediate = issueCertificate({ ca: testCa, commonName: 'Intermediate', isCa: true, ...common })
  const leaf = identity('127.0.0.1', { ca: intermediate })
  await exchangeAndClose(await meet(leaf, { ca }))
  const [alone] = leaf.cert.split(/(?<=-----END CERTIFICATE-----\n)/) as [string]
  expect((await refused({ ...leaf, cert: alone }, { ca })).client).toEqual(['ERR_UNKNOWN_CA', 'unknown_ca'])
})
