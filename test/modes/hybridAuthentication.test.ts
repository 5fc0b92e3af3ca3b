/**
 * Certificate and auth PSK together (RFC 9973): whoever has the one and not the other is refused, as client and as server,
 * with a QKD key beside them and without. The forger is given everything but what the title says.
 */
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { defaultProvider } from '../../src/crypto/index.js'
import {
  type ConnectionOptions,
  createSecureContext,
  type ErrorCode,
  type SecureContext,
  type ServerOptions,
} from '../../src/index.js'
import { EarlySecret } from '../../src/tls/index.js'
import { type End, exchangeAndClose, meet, refused } from './ends.js'
import { ca, clientIdentity, type Identity, psk, serverIdentity } from './identities.js'
import { useLink } from './link.js'

const link = useLink()
const pskWithCertificate = true
/** The right identity, which everybody can read on the wire, and a guess at the key. */
const guessed = { ...psk, key: Buffer.alloc(32, 7) }

/** Shows the stolen certificates of others and signs with a key of its own. */
function withoutKeyOf({ cert, key }: Identity): SecureContext {
  const context = createSecureContext({ cert, key, ca })
  const own = defaultProvider().signingKey({ algorithm: 'mldsa44', seed: new Uint8Array(32).fill(9) })
  return { ...context, credentials: context.credentials.map((credential) => ({ ...credential, key: own })) }
}

/** A forger passes over binders; both ends run in this process, so all of them are made and found to be the same. */
function overlookBinders(): void {
  const spy = vi.spyOn(EarlySecret.prototype, 'binder')
  spy.mockImplementation((_label, transcriptHash) => new Uint8Array(transcriptHash.length))
  onTestFinished(() => spy.mockRestore())
}

const told = (alert: string): End => ['ERR_ALERT_RECEIVED', alert] as End

describe.each([
  { way: 'certificate + psk', qkd: false },
  { way: 'certificate + psk + QKD', qkd: true },
])('$way', ({ qkd }) => {
  const onServer = (options: ServerOptions): ServerOptions => ({
    pskWithCertificate,
    ...(qkd && { qkd: link.server() }),
    ...options,
  })
  const onClient = (options: ConnectionOptions): ConnectionOptions => ({
    pskWithCertificate,
    ...(qkd && { qkd: link.client() }),
    ...options,
  })
  const honestServer = () => onServer({ ...serverIdentity, ca, requestCert: true, psk })
  const honestClient = () => onClient({ ...clientIdentity, ca, psk })

  it('both ends with both are known by certificate, with the PSK mixed in', async () => {
    const session = await meet(honestServer(), honestClient())
    for (const { protection } of [session.client, session.server]) {
      expect(protection?.authentication).toMatchObject({ peer: 'certificate', local: 'certificate' })
      expect(protection?.psk).toEqual({ identity: psk.identity, localId: null, peerId: null })
      expect(protection?.qkd === null).toBe(!qkd)
    }
    await exchangeAndClose(session)
  })

  const SERVERS: [string, () => ServerOptions, ErrorCode, string][] = [
    [
      'the PSK but not the key of the certificate that it shows',
      () => onServer({ secureContext: withoutKeyOf(serverIdentity), psk }),
      'ERR_BAD_CERTIFICATE_VERIFY',
      'decrypt_error',
    ],
    [
      'the PSK, and shows no certificate',
      () => onServer({ psk, pskWithCertificate: false }),
      'ERR_POLICY_CERTIFICATE_MISSING',
      'handshake_failure',
    ],
    [
      'the certificate and its key but not the PSK, which it leaves out',
      () => serverIdentity,
      'ERR_POLICY_PSK_NOT_MIXED',
      'handshake_failure',
    ],
  ]
  it.each(SERVERS)('a client refuses a server that has %s', async (_, server, code, alert) => {
    const outcome = await refused(server(), honestClient())
    expect(outcome).toEqual({ client: [code, alert], server: told(alert), sessions: 0 })
  })

  it('a client refuses a server that has the certificate and its key, and feigns to have the PSK', async () => {
    overlookBinders()
    const outcome = await refused(onServer({ ...serverIdentity, psk: guessed }), honestClient())
    // The first protected record is under keys of another PSK.
    expect(outcome.client).toEqual(['ERR_BAD_RECORD_MAC', 'bad_record_mac'])
    expect(outcome.sessions).toBe(0)
  })

  const CLIENTS: [string, () => ConnectionOptions, ErrorCode, string][] = [
    [
      'the PSK but not the key of the certificate that it shows',
      () => onClient({ secureContext: withoutKeyOf(clientIdentity), psk }),
      'ERR_BAD_CERTIFICATE_VERIFY',
      'decrypt_error',
    ],
    [
      'the PSK, and shows no certificate',
      () => onClient({ ca, psk }),
      'ERR_CERTIFICATE_REQUIRED',
      'certificate_required',
    ],
    [
      'the certificate and its key, and a guess at the PSK',
      () => onClient({ ...clientIdentity, ca, psk: guessed }),
      'ERR_BAD_BINDER_WITH_CERTIFICATE',
      'illegal_parameter',
    ],
    [
      'the certificate and its key but not the PSK, which it leaves out',
      () => ({ ...clientIdentity, ca }),
      qkd ? 'ERR_POLICY_QKD_REQUIRED' : 'ERR_POLICY_PSK_REQUIRED',
      'insufficient_security',
    ],
  ]
  it.each(CLIENTS)('a server refuses a client that has %s', async (_, client, code, alert) => {
    const outcome = await refused(honestServer(), client())
    expect(outcome).toEqual({ client: told(alert), server: [code, alert], sessions: 0 })
  })
})

it('a QKD key does not stand in for the PSK: nor does a server take the one without the other, nor a client', async () => {
  const both = { pskWithCertificate, psk }
  const server = { ...serverIdentity, ...both, qkd: link.server() }
  const withoutPsk = await refused(server, { ca, qkd: link.client() })
  expect(withoutPsk.server).toEqual(['ERR_POLICY_QKD_REQUIRED', 'insufficient_security'])
  const client = { ca, ...both, qkd: link.client() }
  const bare = await refused({ ...serverIdentity, qkd: link.server({ policy: 'prefer' }) }, client)
  expect(bare.client).toEqual(['ERR_POLICY_PSK_NOT_MIXED', 'handshake_failure'])
})
