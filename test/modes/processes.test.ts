/** The same with everything in a process of its own: two key managers, a server and a client, from the command line. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { file, isBuilt, type Line, notBuilt, type Result, Running, run, serve } from '../cli/command.js'
import { credentials, saeA, saeB } from '../support/kme.js'
import { ca, serverIdentity } from './identities.js'

const certified = (option: string, id: string): string[] => {
  const { cert, key, ca: kmeCa } = credentials(id)
  return [
    ...[`--${option}cert`, file(`${id}.pem`, cert as string), `--${option}key`, file(`${id}.key`, key as string)],
    ...[`--${option}ca`, file('kme-ca.pem', kmeCa as string)],
  ]
}

const keyManager = (own: 'A' | 'B', sae: string, peerSae: string, more: string[] = []): Running => {
  const ids = [
    '--kme-id',
    `KME-${own}`,
    '--peer-kme-id',
    own === 'A' ? 'KME-B' : 'KME-A',
    '--sae',
    sae,
    '--peer-sae',
    peerSae,
  ]
  return new Running(['kme', '--listen', '127.0.0.1:0', '--json', ...ids, ...certified('', `KME-${own}`), ...more])
}

const byCertificate = {
  server: ['--cert', file('server.pem', serverIdentity.cert), '--key', file('server.key', serverIdentity.key)],
  client: ['--ca', file('ca.pem', ca)],
}
const pskOption = ['--psk', `branch-17:${randomBytes(32).toString('hex')}`]
const byPsk = { server: pskOption, client: pskOption }

describe.skipIf(!isBuilt)(`kme, kme, serve and connect${notBuilt}`, () => {
  const link = { client: [] as string[], server: [] as string[] }
  let managers: Running[] = []

  beforeAll(async () => {
    const b = keyManager('B', saeB, saeA)
    const { url: urlB } = await b.event('listening')
    const a = keyManager('A', saeA, saeB, ['--peer-url', urlB as string])
    const { url: urlA } = await a.event('listening')
    managers = [a, b]
    const qkd = (url: unknown, sae: string, peer: string) => {
      return ['--qkd-kme', url as string, '--sae', sae, '--peer-sae', peer, ...certified('qkd-', sae)]
    }
    link.client = qkd(urlA, saeA, saeB)
    link.server = qkd(urlB, saeB, saeA)
  })
  afterAll(async () => {
    for (const manager of managers) manager.child.kill('SIGTERM')
    for (const manager of managers) expect(await manager.exit).toBe(0)
  })

  const connect = (target: string, args: string[]): Promise<Result> => {
    return run(['connect', target, '--json', ...args], 'there and back\n')
  }

  it.each([
    {
      name: 'certificate + QKD',
      ...byCertificate,
      clientBy: 'qkd',
      serverBy: 'certificate',
      scheme: 'mldsa44',
      psk: null,
    },
    { name: 'psk + QKD', ...byPsk, clientBy: 'psk', serverBy: 'psk', scheme: null, psk: { identity: 'branch-17' } },
  ])('$name: one key_ID on both sides, a fresh one for each connection', async ({ name: _, ...mode }) => {
    const { server, target } = await serve(...mode.server, ...link.server)
    const keyIds: unknown[] = []
    for (let i = 0; i < 2; i++) {
      const { code, stdout, events } = await connect(target, [...mode.client, ...link.client])
      expect(code).toBe(0)
      expect(stdout.endsWith('there and back\n')).toBe(true)
      const common = { keyExchange: { group: 'X25519MLKEM768', x25519: true, mlkem: 'ML-KEM-768' }, psk: mode.psk }
      const [atClient] = events
      expect(atClient).toMatchObject({
        event: 'handshake',
        ...common,
        qkd: { source: 'etsi014', localSaeId: saeA, peerSaeId: saeB },
        authentication: { peer: mode.serverBy, scheme: mode.scheme, local: mode.clientBy },
      })
      const { keyId } = (atClient as { readonly qkd: { readonly keyId: string } } & Line).qkd
      await expect.poll(() => closed(server), { timeout: 10_000 }).toBe(i + 1)
      expect(server.events().filter(({ event }) => event === 'handshake')[i]).toMatchObject({
        ...common,
        qkd: { keyId, source: 'etsi014', localSaeId: saeB, peerSaeId: saeA },
        authentication: { peer: mode.clientBy, local: mode.serverBy, localScheme: mode.scheme },
      })
      keyIds.push(keyId)
    }
    expect(new Set(keyIds).size).toBe(2)
    server.child.kill('SIGTERM')
    expect(await server.exit).toBe(0)
  })

  it('without the QKD key neither side has a session: code and alert on both, and connect exits with 1', async () => {
    const { server, target } = await serve(...byCertificate.server, ...link.server)
    const { code, events } = await connect(target, byCertificate.client)
    expect(code).toBe(1)
    expect(events).toMatchObject([{ event: 'error', code: 'ERR_ALERT_RECEIVED', alert: 'insufficient_security' }])
    const refusal = { event: 'error', code: 'ERR_POLICY_QKD_REQUIRED', alert: 'insufficient_security' }
    expect(await server.event('error')).toMatchObject(refusal)
    server.child.kill('SIGTERM')
  })

  it('a key manager that dies takes new sessions with it, and says so', async () => {
    const { server, target } = await serve(...byPsk.server, ...link.server)
    managers[1]?.child.kill('SIGKILL')
    await managers[1]?.exit
    managers = managers.slice(0, 1)
    const { code, events } = await connect(target, [...byPsk.client, ...link.client])
    expect(code).toBe(1)
    // Site A has nobody to share a key with any more.
    expect(events).toMatchObject([{ event: 'error', code: 'ERR_QKD_UNREACHABLE', alert: 'internal_error' }])
    expect(await server.event('error')).toMatchObject({ code: 'ERR_ALERT_RECEIVED', alert: 'internal_error' })
    server.child.kill('SIGTERM')
  })
})

function closed(server: Running): number {
  return server.events().filter(({ event, clean }) => event === 'closed' && clean === true).length
}
