import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command, CommanderError } from 'commander'
import { afterAll, describe, expect, it } from 'vitest'
import { certCommand } from '../../src/cli/cert.js'
import { MLDSA_SCHEMES, nodeProvider } from '../../src/crypto/index.js'
import {
  type CertificateDescription,
  describeCertificate,
  loadCertificates,
  loadTrustAnchors,
  verifyChain,
} from '../../src/pki/index.js'
import { refusal } from '../support/refusal.js'

const folder = mkdtempSync(join(tmpdir(), 'trefoil-cert-'))
afterAll(() => rmSync(folder, { recursive: true }))
const at = (name: string): string => join(folder, name)

/** Runs `trefoil cert …` in this process and gives the lines it printed. */
function run(...words: string[]): string[] {
  const lines: string[] = []
  const cert = certCommand((line) => lines.push(line))
  for (const command of [cert, ...cert.commands]) command.exitOverride().configureOutput({ writeErr: () => undefined })
  new Command()
    .exitOverride()
    .addCommand(cert)
    .parse(['cert', ...words], { from: 'user' })
  return lines
}

function usageError(...words: string[]): string | null {
  try {
    run(...words)
    return null
  } catch (error) {
    if (error instanceof CommanderError) return error.code
    throw error
  }
}

const verify = (ca: string, leaf: string, serverName: string) =>
  verifyChain({
    chain: loadCertificates(readFileSync(`${at(leaf)}.pem`, 'utf8')),
    anchors: loadTrustAnchors(readFileSync(`${at(ca)}.pem`, 'utf8')),
    time: Date.now(),
    serverName,
    usage: 'server',
    allowedSchemes: MLDSA_SCHEMES,
    crypto: nodeProvider,
  })

describe('trefoil cert', () => {
  it('ca and issue write a chain that verifies, keys for the owner alone, and nothing else', () => {
    expect(run('ca', '--name', 'Site', '--out', at('ca'))).toEqual([
      `wrote ${at('ca.pem')} and ${at('ca.key')} (mldsa65)`,
    ])
    run('issue', '--ca', at('ca'), '--san', 'localhost,127.0.0.1', '--out', at('server'))
    expect(verify('ca', 'server', 'localhost').path).toHaveLength(2)
    expect(verify('ca', 'server', '127.0.0.1').leaf.subject.text).toBe('CN=localhost')
    expect(readdirSync(folder).sort()).toEqual(['ca.key', 'ca.pem', 'server.key', 'server.pem'])
    for (const name of ['ca.key', 'server.key']) expect(statSync(at(name)).mode & 0o777).toBe(0o600)
  })

  it('takes every option of the contract', () => {
    const [line] = run('ca', '--name', 'P', '--out', at('p256'), '--algorithm', 'ecdsa-p256', '--days', '2', '--json')
    expect(JSON.parse(line as string)).toMatchObject({
      event: 'issued',
      certificate: at('p256.pem'),
      key: at('p256.key'),
      subject: 'CN=P',
      keyAlgorithm: 'ecdsa-p256',
      isCa: true,
    })
    const options = ['--name', 'SAE-A', '--san', 'a.example', '--san', 'b.example,URI:urn:sae:a', '--usage', 'client']
    const more = ['--algorithm', 'mldsa44', '--days', '1', '--out', at('client'), '--json']
    const issued: CertificateDescription = JSON.parse(
      run('issue', '--ca', at('p256'), ...options, ...more)[0] as string,
    )
    expect(issued).toMatchObject({
      subject: 'CN=SAE-A',
      subjectAltNames: ['DNS:a.example', 'DNS:b.example', 'URI:urn:sae:a'],
      keyAlgorithm: 'mldsa44',
      signatureAlgorithm: 'ecdsa_secp256r1_sha256',
      extendedKeyUsage: ['clientAuth'],
    })
    expect(Date.parse(issued.notAfter) - Date.now()).toBeLessThan(86_400_000 + 60_000)
  })

  it('overwrites nothing, unless forced', () => {
    run('ca', '--name', 'one', '--out', at('kept'))
    const before = readFileSync(at('kept.key'), 'utf8')
    expect(refusal(() => run('ca', '--name', 'two', '--out', at('kept')))).toBe('ERR_INVALID_OPTION')
    rmSync(at('kept.pem'))
    expect(refusal(() => run('ca', '--name', 'two', '--out', at('kept')))).toBe('ERR_INVALID_OPTION')
    expect(readFileSync(at('kept.key'), 'utf8')).toBe(before)
    expect(existsSync(at('kept.pem'))).toBe(false)
    run('ca', '--name', 'two', '--out', at('kept'), '--force')
    expect(readFileSync(at('kept.key'), 'utf8')).not.toBe(before)
    expect(statSync(at('kept.key')).mode & 0o777).toBe(0o600)
  })

  it('leaves nothing behind where it cannot write', () => {
    expect(refusal(() => run('ca', '--name', 'x', '--out', at('missing/ca')))).toBe('ERR_INVALID_OPTION')
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  it('inspect shows every certificate of a file, readable or as JSON', () => {
    run('ca', '--name', 'shown', '--out', at('shown'))
    const pem = readFileSync(at('shown.pem'), 'utf8')
    writeFileSync(at('two.pem'), pem + pem)
    const readable = run('inspect', at('shown.pem'))
    expect(readable).toContain('subject          CN=shown')
    expect(readable).toContain('key              mldsa65, 1952 octets')
    expect(readable).toContain('signature        mldsa65, 3309 octets')
    expect(readable).toContain('authority        yes')
    const lines = run('inspect', at('two.pem'), '--json')
    const [der] = loadCertificates(pem) as [Uint8Array]
    expect(lines.map((line) => JSON.parse(line))).toEqual(
      Array(2).fill({ event: 'certificate', ...describeCertificate(der) }),
    )
    writeFileSync(at('shown.der'), der)
    expect(run('inspect', at('shown.der'))).toEqual(readable)
  })

  it('files that are missing or hold something else are a failed operation', () => {
    writeFileSync(at('text'), 'hello')
    expect(refusal(() => run('inspect', at('nowhere.pem')))).toBe('ERR_INVALID_OPTION')
    expect(refusal(() => run('inspect', at('text')))).toBe('ERR_INVALID_OPTION')
    expect(refusal(() => run('issue', '--ca', at('nowhere'), '--san', 'x', '--out', at('y')))).toBe(
      'ERR_INVALID_OPTION',
    )
  })

  it.each([
    ['ca', '--out', 'x'],
    ['ca', '--name', 'x'],
    ['ca', '--name', 'x', '--out', 'x', '--algorithm', 'rsa'],
    ['ca', '--name', 'x', '--out', 'x', '--days', '-1'],
    ['issue', '--ca', 'x', '--out', 'x'],
    ['issue', '--ca', 'x', '--out', 'x', '--san', 'a,,b'],
    ['issue', '--ca', 'x', '--out', 'x', '--san', 'a', '--usage', 'both'],
    ['inspect'],
    ['sign'],
  ])('wrong usage: cert %s %s %s %s %s %s %s %s', (...words) => {
    expect(usageError(...words)).toMatch(/^commander\./)
  })
})

describe('trefoil cert as a process', () => {
  const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
  const trefoil = (...words: string[]) => spawnSync(process.execPath, [main, 'cert', ...words], { encoding: 'utf8' })

  it('exits with 0, 1 or 2, results on stdout and everything else on stderr', (context) => {
    if (!existsSync(main)) return context.skip('dist is not built (npm run build)')
    const good = trefoil('ca', '--name', 'x', '--out', at('spawned'), '--json')
    expect(good).toMatchObject({ status: 0, stderr: '' })
    expect(JSON.parse(good.stdout)).toMatchObject({ event: 'issued' })
    const failed = trefoil('ca', '--name', 'x', '--out', at('spawned'))
    expect(failed).toMatchObject({ status: 1, stdout: '' })
    expect(failed.stderr).toContain('exists already')
    expect(trefoil('ca')).toMatchObject({ status: 2, stdout: '' })
  })
})
