/** The table of good and bad chains: each row against both providers, over a socket, and before OpenSSL 3.5. */
import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { nobleProvider } from '../../../src/crypto/index.js'
import { alertFor, type ErrorCode, type TrefoilError } from '../../../src/errors.js'
import { connect, createServer, type TLSSocket } from '../../../src/index.js'
import {
  chainFault,
  createCertificateAuthority,
  issueCertificate,
  parseCertificate,
  trustAnchors,
  verifyChain,
  writePem,
} from '../../../src/pki/index.js'
import { peerMissing } from '../../support/nodePeer.js'
import { PROVIDERS } from '../../support/providers.js'
import { askOpenssl } from './askOpenssl.js'
import { octets, type Row, schemesOf } from './row.js'
import { showAsClient, showAsServer } from './show.js'
import { ACCEPTS, fingerprint, ROWS, recordedVerdicts, renderTable } from './table.js'

const byName = ROWS.map((row) => [row.name, row] as const)

/** A moment that the rows' dates are made for, as good as any other between 2020 and 2089. */
const TIME = Date.UTC(2026, 10, 23)

describe('the table', () => {
  it('has at least a hundred rows, each with a name of its own', () => {
    expect(ROWS.length).toBeGreaterThanOrEqual(100)
    expect(new Set(ROWS.map(({ name }) => name)).size).toBe(ROWS.length)
  })

  it('has a row for every code that a chain can be refused with', () => {
    const codes = new Set(ROWS.map(({ expected }) => expected?.code ?? null))
    expect([...codes].sort()).toEqual([
      'ERR_BAD_CERTIFICATE',
      'ERR_CERTIFICATE_CHAIN_TOO_LONG',
      'ERR_CERTIFICATE_EXPIRED',
      'ERR_CERTIFICATE_NAME_MISMATCH',
      'ERR_CERTIFICATE_NOT_YET_VALID',
      'ERR_CERTIFICATE_REQUIRED',
      'ERR_CERTIFICATE_SIGNATURE',
      'ERR_UNKNOWN_CA',
      'ERR_UNSUPPORTED_CERTIFICATE',
      null,
    ])
  })

  // It comes first, and so makes the chains for all the others: hundreds of keys and signatures.
  it('is what the document shows, octet for octet', { timeout: 120_000 }, () => {
    const document = readFileSync(new URL('../../../docs/certificate-chains.md', import.meta.url), 'utf8')
    // Run scripts/make-chain-table.mjs where this fails.
    expect(document).toContain(renderTable(recordedVerdicts()))
    expect(document).toContain(fingerprint())
  })

  it('explains each verdict of OpenSSL that is not ours, and no other', () => {
    const verdicts = recordedVerdicts()
    expect(Object.keys(verdicts)).toEqual(ROWS.map(({ name }) => name))
    const differing = ROWS.filter(({ name, expected }) => (verdicts[name] === ACCEPTS) !== (expected === null))
    const explained = ROWS.filter(({ difference }) => difference !== null)
    expect(explained.map(({ name }) => name)).toEqual(differing.map(({ name }) => name))
  })
})

describe.each(PROVIDERS)('each chain with $name', (crypto) => {
  it.each(byName)('%s', (_, row) => {
    const { code, rule } = judge(row, crypto)
    // The portable provider has no RSA: to it, such a chain has an algorithm that is not accepted.
    if (crypto === nobleProvider && needsRsa(row)) expect(code).toBe('ERR_UNSUPPORTED_CERTIFICATE')
    else expect({ code, rule }).toEqual({ code: row.expected?.code ?? null, rule: row.expected?.rule ?? null })
  })
})

describe('each chain over a socket: our refusal, and the alert that the other end sees', () => {
  let identity: { cert: string; key: string }
  beforeAll(() => {
    const algorithm = 'mldsa44'
    const ca = createCertificateAuthority({ commonName: 'asking', algorithm, crypto: nobleProvider })
    const issued = issueCertificate({ ca, commonName: 'asking', algorithm, crypto: nobleProvider })
    identity = { cert: issued.certificatePem, key: issued.privateKeyPem }
  })

  it.each(byName)('%s', async (_, row) => {
    const code = row.expected?.code ?? null
    const alert = code === null ? null : alertFor(code)
    expect(await (row.usage === 'server' ? visit(row) : receive(row, identity))).toEqual({ code, alert })
  })
})

const missing = peerMissing(26)
describe.skipIf(missing !== null)(`OpenSSL 3.5 in Node 26${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let verdicts: Record<string, string>
  beforeAll(async () => {
    verdicts = await askOpenssl(ROWS)
  })

  it.each(byName)('still says of %s what the table says', (name) => {
    expect(verdicts[name]).toBe(recordedVerdicts()[name])
  })
})

function judge(row: Row, crypto: (typeof PROVIDERS)[number]) {
  const { chain, anchors } = row.made()
  try {
    verifyChain({
      chain: chain.map(octets),
      anchors: trustAnchors(anchors.map((anchor) => parseCertificate(octets(anchor)))),
      time: TIME,
      usage: row.usage,
      serverName: row.usage === 'server' ? row.serverName : undefined,
      ...schemesOf(row.policy),
      crypto,
    })
    return { code: null, rule: null }
  } catch (error) {
    return { code: (error as TrefoilError).code, rule: chainFault(error)?.rule ?? null }
  }
}

const needsRsa = (row: Row): boolean =>
  row.name !== 'sha1' && row.made().anchors.some(({ key }) => key.algorithm === 'rsa')

const contextOf = (row: Row) => ({
  ca: row.made().anchors.map((anchor) => writePem('CERTIFICATE', octets(anchor))),
  policy: {
    allowClassicalKeyExchange: true,
    allowClassicalAuthentication: row.policy === 'classical',
    allowClassicalCertificateSignatures: row.policy !== 'strict',
  },
  groups: 'x25519',
})

interface Outcome {
  readonly code: ErrorCode | null
  readonly alert: unknown
}

/** Our client goes to a server that shows the chain. */
async function visit(row: Row): Promise<Outcome> {
  const { port, answer, close } = await showAsServer(row)
  try {
    const socket = connect({ host: '127.0.0.1', port, servername: row.serverName, ...contextOf(row) })
    const code = await new Promise<ErrorCode | null>((resolve) => {
      socket.once('secureConnect', () => resolve(null))
      socket.once('error', (error: TrefoilError) => resolve(error.code))
    })
    socket.destroy()
    return { code, alert: code === null ? null : await answer }
  } finally {
    close()
  }
}

/** A client that shows the chain comes to our server. */
async function receive(row: Row, identity: { cert: string; key: string }): Promise<Outcome> {
  const server = createServer({ ...identity, ...contextOf(row), requestCert: true })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const verdict = new Promise<ErrorCode | null>((resolve) => {
      server.once('tlsClientError', (error: TrefoilError) => resolve(error.code))
      server.once('secureConnection', (socket: TLSSocket) => {
        socket.destroy()
        resolve(null)
      })
    })
    const { port } = server.address() as { port: number }
    const [code, alert] = await Promise.all([verdict, showAsClient(row, port)])
    return { code, alert: code === null ? null : alert }
  } finally {
    server.close()
  }
}
