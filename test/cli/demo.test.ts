import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { check } from '../../src/cli/demo/claims.js'
import type { Observed, Scenario } from '../../src/cli/demo/scenario.js'
import { isBuilt, notBuilt, run } from './command.js'

/** A dozen processes one after the other, on whatever else the machine does. */
const timeout = 120_000

describe.skipIf(!isBuilt)(`demo${notBuilt}`, () => {
  it('shows three components, both ways to authenticate and an eavesdropper, every claim checked', {
    timeout,
  }, async () => {
    const { code, events } = await run(['demo', '--json'])
    expect(code).toBe(0)
    expect(events.map(({ event }) => event)).toEqual(['sites', 'scenario', 'scenario', 'eavesdropper', 'summary'])
    const [certificate, psk] = events.slice(1, 3) as unknown as (Observed & { name: string })[]
    for (const observed of [certificate, psk] as Observed[]) {
      expect(observed.client.keyExchange).toEqual({ group: 'X25519MLKEM768', x25519: true, mlkem: 'ML-KEM-768' })
      expect(observed.client.qkd?.keyId).toBe(observed.server.qkd?.keyId)
      expect([observed.echoed, observed.closedCleanly]).toEqual([true, true])
    }
    expect(certificate?.client.authentication).toMatchObject({ peer: 'certificate', scheme: 'mldsa65' })
    expect(certificate?.server.authentication).toMatchObject({ peer: 'certificate', scheme: 'mldsa65' })
    expect(psk?.client.authentication.peer).toBe('psk')
    expect(psk?.client.qkd?.keyId).not.toBe(certificate?.client.qkd?.keyId)
    expect(events[3]).toMatchObject({
      refusal: { code: 'ERR_QKD_EXHAUSTED', message: expect.stringMatching(/QBER 2\d\.\d % is above the threshold/) },
      fallback: { client: { qkd: null }, server: { qkd: null } },
      recovered: { client: { qkd: { source: 'etsi014' } } },
    })
    expect(events[4]).toMatchObject({ claims: 30, failed: 0 })
  })

  it('prints a picture without colours where stdout is no terminal, and leaves no files behind', {
    timeout,
  }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'trefoil-demo-test-'))
    const before = process.env['TMPDIR']
    process.env['TMPDIR'] = folder
    try {
      const { code, stdout } = await run(['demo'])
      expect(code).toBe(0)
      expect(stdout).toMatch(/✓ both sides used the QKD key with the same key_ID/)
      expect(stdout).toMatch(/all 30 claims hold/)
      expect(stdout).not.toContain('\x1b')
      expect(existsSync(folder) && readdirSync(folder)).toEqual([])
    } finally {
      if (before === undefined) delete process.env['TMPDIR']
      else process.env['TMPDIR'] = before
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

describe('a claim of the demo fails when', () => {
  const scenario = { name: 'psk', title: '', serverArguments: [], clientArguments: [] } satisfies Scenario
  const end = (localSaeId: string, peerSaeId: string) => ({
    event: 'handshake' as const,
    keyExchange: { group: 'X25519MLKEM768' as const, x25519: true, mlkem: 'ML-KEM-768' as const },
    qkd: { keyId: 'key-1', source: 'etsi014', localSaeId, peerSaeId, delivery: null },
    psk: { identity: 'demonstration', localId: null, peerId: null },
    authentication: {
      peer: 'psk' as const,
      scheme: null,
      local: 'psk' as const,
      localScheme: null,
      certificateType: null,
      bootstrap: null,
    },
    cipher: 'TLS_AES_256_GCM_SHA384' as const,
    resumed: false,
    freshQkdAt: 1,
    handshake: { bytesSent: 1, bytesReceived: 1, milliseconds: 1, kmeMilliseconds: 1 },
    alpnProtocol: false as const,
    servername: false as const,
    peerSubject: null,
    peerKey: null,
  })
  const good: Observed = {
    client: end('sae-client', 'sae-server'),
    server: end('sae-server', 'sae-client'),
    octetsSent: 1,
    echoed: true,
    clientExitCode: 0,
    closedCleanly: true,
  }
  const failing = (observed: Observed, earlier: string[] = []) =>
    check(scenario, observed, earlier)
      .filter(({ holds }) => !holds)
      .map(({ claim }) => claim)

  it('nothing is wrong: none', () => expect(failing(good)).toEqual([]))

  it.each<[string, Observed, RegExp]>([
    [
      'the key_IDs differ',
      { ...good, server: { ...good.server, qkd: { ...end('sae-server', 'sae-client').qkd, keyId: 'key-2' } } },
      /same key_ID/,
    ],
    ['no QKD key was mixed', { ...good, client: { ...good.client, qkd: null } }, /QKD key is in the key schedule/],
    [
      'the group is classical',
      { ...good, client: { ...good.client, keyExchange: { group: 'x25519', x25519: true, mlkem: null } } },
      /ML-KEM-768/,
    ],
    [
      'somebody is not authenticated',
      { ...good, server: { ...good.server, authentication: { ...good.server.authentication, peer: null } } },
      /server knows the client/,
    ],
    ['data came back changed', { ...good, echoed: false }, /came back unchanged/],
    ['the end was not clean', { ...good, closedCleanly: false }, /close_notify/],
  ])('%s', (_, observed, claim) => {
    expect(failing(observed).join('\n')).toMatch(claim)
  })

  it('a QKD key is used twice', () => expect(failing(good, ['key-1'])).toEqual(['the QKD key is fresh']))
})
