import { spawnSync } from 'node:child_process'
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command, CommanderError } from 'commander'
import { afterAll, describe, expect, it } from 'vitest'
import { certCommand } from '../../src/cli/cert/index.js'
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
  runInto(lines, words)
  return lines
}

function runInto(lines: string[], words: readonly string[]): void {
  const cert = certCommand((line) => lines.push(line))
  for (const command of [cert, ...cert.commands]) command.exitOverride().configureOutput({ writeErr: () => undefined })
  new Command()
    .exitOverride()
    .addCommand(cert)
    .parse(['cert', ...words], { from: 'user' })
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

  it('inspect tells keys in DER from certificates', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const passphrase = { cipher: 'aes-256-cbc', passphrase: 'open sesame' } as const
    writeFileSync(at('der.key'), privateKey.export({ type: 'pkcs8', format: 'der' }))
    writeFileSync(at('der.locked'), privateKey.export({ type: 'pkcs8', format: 'der', ...passphrase }))
    writeFileSync(at('der.pub'), publicKey.export({ type: 'spki', format: 'der' }))
    writeFileSync(at('der.sesame'), 'open sesame\n')
    const ofPublic = run('inspect', at('der.pub')).join('\n')
    const ofPrivate = ofPublic.replace('public key ', 'private key')
    expect(ofPublic).toMatch(/^public key/)
    expect(run('inspect', at('der.key')).join('\n')).toBe(ofPrivate)
    expect(run('inspect', at('der.locked'), '--passphrase-file', at('der.sesame')).join('\n')).toBe(ofPrivate)
    expect(refusal(() => run('inspect', at('der.locked')))).toBe('ERR_INVALID_KEY')
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
    ['revoke'],
  ])('wrong usage: cert %s %s %s %s %s %s %s %s', (...words) => {
    expect(usageError(...words)).toMatch(/^commander\./)
  })
})

describe('a whole PKI from the command line', () => {
  const chainOf = (leaf: string) => loadCertificates(readFileSync(at(leaf), 'utf8'))
  const described = (file: string) => describeCertificate(chainOf(file)[0] as Uint8Array)

  it('has an intermediate under its root, which certifies leaves and no further authority unless told', () => {
    run('ca', '--name', 'Root', '--out', at('root'), '--path-length', '1', '--algorithm', 'mldsa44')
    const under = ['intermediate', '--ca', at('root'), '--algorithm', 'mldsa44']
    run(
      ...under,
      '--name',
      'Issuing',
      '--out',
      at('issuing'),
      '--permit',
      'bank.example,10.0.0.0/8',
      '--exclude',
      'x.bank.example',
    )
    expect(described('issuing.pem')).toMatchObject({
      isCa: true,
      pathLength: 0,
      nameConstraints: {
        permitted: ['DNS:bank.example', 'IP Address:10.0.0.0/8'],
        excluded: ['DNS:x.bank.example'],
      },
    })
    run('issue', '--ca', at('issuing'), '--san', 'www.bank.example', '--out', at('www'), '--serial', '0x1f:AB')
    expect(described('www.pem').serialNumber).toBe('1fab')
    expect(chainOf('www.pem')).toHaveLength(2)
    expect(run('verify', at('www.pem'), '--ca', at('root.pem'), '--name', 'www.bank.example')).toEqual([
      'verified         for a TLS server called www.bank.example',
      'certificate      CN=www.bank.example',
      'issued by        CN=Issuing',
      'issued by        CN=Root',
      'trusted          the last one is a trust anchor',
      '',
    ])
  })

  it('shows of a chain which certificate signed which', () => {
    const lines = run('inspect', at('www.pem'))
    expect(lines).toContain('signed by        certificate 2 of this file')
    expect(lines).toContain('signed by        none of this file')
    expect(lines).toContain('certifies only   DNS:bank.example, IP Address:10.0.0.0/8')
  })

  it('takes requests: what is asked for is certified as far as it is allowed', () => {
    const words = run('request', '--san', 'api.bank.example,10.1.1.1', '--out', at('api'), '--algorithm', 'mldsa44')
    expect(words).toEqual([`wrote ${at('api.csr')} and ${at('api.key')} (mldsa44)`])
    expect(statSync(at('api.key')).mode & 0o777).toBe(0o600)
    const sign = ['sign', '--ca', at('issuing'), '--request', at('api.csr'), '--out', at('api.pem')]
    expect(refusal(() => run(...sign))).toBe('ERR_INVALID_OPTION')
    expect(refusal(() => run(...sign, '--allow', 'bank.example'))).toBe('ERR_INVALID_OPTION')
    expect(existsSync(at('api.pem'))).toBe(false)
    run(...sign, '--allow', 'bank.example', '--allow', '10.0.0.0/8', '--usage', 'server', '--days', '3')
    expect(described('api.pem')).toMatchObject({
      subject: 'CN=api.bank.example',
      subjectAltNames: ['DNS:api.bank.example', 'IP Address:10.1.1.1'],
      extendedKeyUsage: ['serverAuth'],
    })
    expect(run('verify', at('api.pem'), '--ca', at('root.pem'), '--name', '10.1.1.1')[0]).toMatch(/^verified/)
    const again = JSON.parse(
      run('request', '--name', 'x', '--key', at('api.key'), '--out', at('again'), '--json')[0] as string,
    )
    expect(again).toMatchObject({ event: 'requested', request: at('again.csr'), key: at('api.key'), isCa: false })
    expect(existsSync(at('again.key'))).toBe(false)
  })

  it('opens encrypted keys with --passphrase-file, whatever it does with them', () => {
    run('ca', '--name', 'Locked', '--out', at('locked'), '--algorithm', 'ed25519')
    const open = createPrivateKey(readFileSync(at('locked.key')))
    const locked = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open sesame' } as const
    writeFileSync(at('locked.key'), open.export(locked))
    for (const [name, text] of Object.entries({ unix: 'open sesame\n', dos: 'open sesame\r\n', bare: 'open sesame' })) {
      writeFileSync(at(name), text)
      const [line] = run('inspect', at('locked.key'), '--passphrase-file', at(name), '--json')
      expect(JSON.parse(line as string)).toMatchObject({ event: 'privateKey' })
    }
    const opened = ['--passphrase-file', at('unix')]
    const issued = ['--algorithm', 'ed25519', '--json', ...opened]
    run('issue', '--ca', at('locked'), '--san', 'a.example', '--out', at('locked-leaf'), ...issued)
    run('intermediate', '--ca', at('locked'), '--name', 'Below', '--out', at('below'), ...issued)
    run('request', '--key', at('locked.key'), '--name', 'Again', '--out', at('locked-again'), ...opened)
    const sign = ['sign', '--ca', at('locked'), '--request', at('locked-again.csr'), '--san', 'b.example']
    run(...sign, '--out', at('locked-signed.pem'), ...opened)
    expect(readFileSync(at('locked.key'), 'latin1')).toContain('ENCRYPTED PRIVATE KEY')
    writeFileSync(at('wrong'), 'close sesame\n')
    for (const wrong of [[], ['--passphrase-file', at('wrong')], ['--passphrase-file', at('unix.missing')]]) {
      const { error } = attempt(...sign, '--out', at('never.pem'), ...wrong)
      expect(error).toBe(wrong[1]?.endsWith('missing') ? 'ERR_INVALID_OPTION' : 'ERR_INVALID_KEY')
    }
    expect(usageError('request', '--name', 'x', '--out', at('x'), ...opened)).toMatch(/^commander\./)
  })

  it('certifies an authority by request only when told to, and then within bounds', () => {
    run('request', '--name', 'Branch', '--out', at('branch'), '--algorithm', 'mldsa44')
    const sign = [
      'sign',
      '--ca',
      at('root'),
      '--request',
      at('branch.csr'),
      '--out',
      at('branch.pem'),
      '--name',
      'Branch',
    ]
    run(...sign, '--authority', '--permit', 'branch.example')
    expect(described('branch.pem')).toMatchObject({ isCa: true, pathLength: 0, subjectAltNames: [] })
  })

  it('shows requests and keys, of private ones the public half alone', () => {
    const [line] = run('inspect', at('api.csr'), '--json')
    expect(JSON.parse(line as string)).toMatchObject({
      event: 'request',
      subject: 'CN=api.bank.example',
      problem: null,
    })
    expect(run('inspect', at('api.csr'))).toContain('holds            yes: signed by its own key')
    const key = run('inspect', at('api.key')).join('\n')
    expect(key).toMatch(/^private key {6}mldsa44, public half 1312 octets\nkey id {11}[0-9a-f]{40}\n$/)
    const keyId = /[0-9a-f]{40}/.exec(key)?.[0]
    expect(described('api.pem').keyIds.subject).toBe(keyId)
  })

  it('makes client certificates, which serve no server', () => {
    run(
      'issue',
      '--ca',
      at('root'),
      '--name',
      'SAE-1',
      '--usage',
      'client',
      '--out',
      at('sae'),
      '--algorithm',
      'mldsa44',
    )
    const verify = ['verify', at('sae.pem'), '--ca', at('root.pem')]
    expect(run(...verify, '--usage', 'client')).toContain('verified         for a TLS client')
    expect(refusal(() => run(...verify))).toBe('ERR_UNSUPPORTED_CERTIFICATE')
  })

  it.each<[string, string[], string, string[]]>([
    [
      'the name',
      ['--name', 'other.example'],
      'ERR_CERTIFICATE_NAME_MISMATCH',
      ['names the server (RFC 9525 6)', 'CN=www.bank.example, number 1 of the chain', 'bad_certificate'],
    ],
    [
      'the time',
      ['--time', '2090-01-01T00:00:00Z'],
      'ERR_CERTIFICATE_EXPIRED',
      ['not expired (RFC 5280 6.1.3 a 2)', 'CN=www.bank.example, number 1 of the chain', 'certificate_expired'],
    ],
    [
      'the day',
      ['--time', '2020-01-01'],
      'ERR_CERTIFICATE_NOT_YET_VALID',
      ['valid already (RFC 5280 6.1.3 a 2)', 'CN=www.bank.example, number 1 of the chain', 'certificate_expired'],
    ],
  ])('verify explains the first rule that is broken: %s', (_, options, code, said) => {
    const { lines, error } = attempt('verify', at('www.pem'), '--ca', at('root.pem'), ...options)
    expect(error).toBe(code)
    expect(lines.slice(1, 4).map((line) => line.slice(17))).toEqual(said)
  })

  it('verify explains which authority is at fault, and where it stands', () => {
    run('issue', '--ca', at('issuing'), '--san', 'www.other.example', '--out', at('stray'), '--algorithm', 'mldsa44')
    const stray = attempt('verify', at('stray.pem'), '--ca', at('root.pem'), '--json')
    expect(JSON.parse(stray.lines[0] as string)).toMatchObject({
      event: 'refused',
      code: 'ERR_UNSUPPORTED_CERTIFICATE',
      alert: 'unsupported_certificate',
      rule: 'name constraints',
      reference: 'RFC 5280 6.1.3 b and c',
      certificate: { place: 'number 1 of the chain', subject: 'CN=www.other.example' },
    })
    run('ca', '--name', 'Shallow', '--out', at('shallow'), '--path-length', '0', '--algorithm', 'mldsa44')
    run('intermediate', '--ca', at('shallow'), '--name', 'Deep', '--out', at('deep'), '--algorithm', 'mldsa44')
    run('issue', '--ca', at('deep'), '--name', 'x', '--out', at('x'), '--algorithm', 'mldsa44')
    const { lines } = attempt('verify', at('x.pem'), '--ca', at('shallow.pem'))
    expect(lines).toContain('broken rule      path length (RFC 5280 6.1.4 l and m)')
    expect(lines).toContain('certificate      CN=Shallow, number 1 of the trust anchors')
  })

  it('verify permits classical algorithms only when told to', () => {
    run('ca', '--name', 'Old', '--out', at('old'), '--algorithm', 'ecdsa-p256')
    run('issue', '--ca', at('old'), '--san', 'old.example', '--out', at('old-leaf'), '--algorithm', 'ed25519')
    const verify = ['verify', at('old-leaf.pem'), '--ca', at('old.pem')]
    expect(attempt(...verify).error).toBe('ERR_UNSUPPORTED_CERTIFICATE')
    expect(run(...verify, '--allow-classical')).toContain('not checked      the name: --name says which')
  })

  it.each([
    ['intermediate', '--ca', 'x', '--out', 'x'],
    ['ca', '--name', 'x', '--out', 'x', '--path-length', '-1'],
    ['issue', '--ca', 'x', '--name', 'x', '--out', 'x', '--serial', 'xyz'],
    ['request', '--out', 'x'],
    ['sign', '--ca', 'x', '--out', 'x'],
    ['sign', '--ca', 'x', '--out', 'x', '--request', 'x', '--san', 'x', '--allow', 'x'],
    ['sign', '--ca', 'x', '--out', 'x', '--request', 'x', '--permit', 'x'],
    ['sign', '--ca', 'x', '--out', 'x', '--request', 'x', '--authority'],
    ['verify', 'x'],
    ['verify', 'x', '--ca', 'x', '--usage', 'both'],
    ['verify', 'x', '--ca', 'x', '--time', 'tomorrow'],
  ])('wrong usage: cert %s %s %s %s %s %s %s', (...words) => {
    expect(usageError(...words)).toMatch(/^commander\./)
  })

  /** What was printed before the refusal. */
  function attempt(...words: string[]): { lines: string[]; error: string | null } {
    const lines: string[] = []
    return { error: refusal(() => runInto(lines, words)), lines }
  }
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
    const ca = ['--ca', at('spawned.pem')]
    expect(trefoil('verify', at('spawned.pem'), ...ca).status).toBe(1)
  })
})
