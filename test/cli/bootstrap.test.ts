/** `--qkd-bootstrap FILE` between processes: first contact is remembered between runs. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defaultProvider } from '../../src/crypto/index.js'
import { createCertificateAuthority, issueCertificate } from '../../src/pki/index.js'
import { credentials, type RunningKeyManagers, saeA, saeB, startKeyManagers } from '../support/kme.js'
import { file, isBuilt, misuse, notBuilt, run, serve } from './command.js'

const crypto = defaultProvider()
const ca = createCertificateAuthority({ commonName: 'Bootstrap test CA', algorithm: 'mldsa44', crypto })
const made = issueCertificate({ ca, subjectAltNames: ['127.0.0.1'], algorithm: 'mldsa44', crypto })
const caOption = ['--ca', file('ca.pem', ca.certificatePem)]
const server = ['--cert', file('server.pem', made.certificatePem), '--key', file('server.key', made.privateKeyPem)]

let managers: RunningKeyManagers
beforeAll(async () => {
  managers = await startKeyManagers()
})
afterAll(() => managers.close())

function qkd(sae: string, peer: string, url: string): string[] {
  const { cert, key, ca: kmeCa } = credentials(sae)
  const files = {
    cert: file(`${sae}.pem`, `${cert}`),
    key: file(`${sae}.key`, `${key}`),
    ca: file('kme.pem', `${kmeCa}`),
  }
  return [
    ...['--qkd-kme', url, '--qkd-cert', files.cert, '--qkd-key', files.key, '--qkd-ca', files.ca],
    ...['--sae', sae, '--peer-sae', peer],
  ]
}

describe.skipIf(!isBuilt)(`--qkd-bootstrap${notBuilt}`, () => {
  it('lets a client show that it knows the server from a run before, without certificates', async () => {
    const atServer = join(file('a', ''), '..', 'server-register.json')
    const atClient = join(file('a', ''), '..', 'client-register.json')
    const { target } = await serve(...server, ...qkd(saeB, saeA, managers.urlB), '--qkd-bootstrap', atServer)
    const connect = () =>
      run(
        ['connect', target, ...caOption, ...qkd(saeA, saeB, managers.urlA), '--qkd-bootstrap', atClient, '--json'],
        'data\n',
      )
    const [first, second] = [await connect(), await connect()]
    expect([first.code, second.code]).toEqual([0, 0])
    expect(first.events[0]).toMatchObject({ authentication: { peer: 'certificate', bootstrap: null } })
    expect(second.events[0]).toMatchObject({
      authentication: { peer: 'qkd', local: 'qkd', bootstrap: { by: 'certificate' } },
    })
    expect(JSON.parse(readFileSync(atClient, 'utf8'))).toMatchObject([{ peerSaeId: saeB, serverName: '127.0.0.1' }])
    expect(JSON.parse(readFileSync(atServer, 'utf8'))).toMatchObject([{ peerSaeId: saeA, serverName: null }])
    for (const path of [atClient, atServer]) expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it.each([
    ['no JSON', 'nonsense', /no bootstrap register/],
    ['no register', '{}', /no bootstrap register/],
    ['an unusable entry', '[{}]', /unusable/],
  ])('refuses a file with %s', async (_, content, message) => {
    const register = file('broken.json', content)
    const options = [...caOption, ...qkd(saeA, saeB, managers.urlA), '--qkd-bootstrap', register]
    const { code, stderr } = await run(['connect', '127.0.0.1:1', ...options])
    expect(code).toBe(1)
    expect(stderr).toMatch(message)
    expect(existsSync(register)).toBe(true)
  })

  it('is wrong usage without a key manager', async () => {
    const { code, stderr } = await misuse(['connect', '127.0.0.1:1', ...caOption, '--qkd-bootstrap', file('b', '[]')])
    expect(code).toBe(2)
    expect(stderr).toContain('--qkd-bootstrap needs')
  })
})
