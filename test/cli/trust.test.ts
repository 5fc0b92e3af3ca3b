import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command, CommanderError } from 'commander'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { equalBytes } from '../../src/bytes.js'
import { type RawKeyOptions, rawKeyMistake } from '../../src/cli/rawKeyOptions.js'
import { trustCommand } from '../../src/cli/trust/trust.js'
import { nodeProvider } from '../../src/crypto/index.js'
import { TrefoilError } from '../../src/errors.js'
import { keyFingerprint, loadEndorsements, loadPrivateKey, loadPublicKey } from '../../src/pki/index.js'
import { refusal } from '../support/refusal.js'
import { isBuilt, misuse, notBuilt, run as runProcess, serve } from './command.js'

const folder = mkdtempSync(join(tmpdir(), 'trefoil-trust-'))
afterAll(() => rmSync(folder, { recursive: true }))
const at = (name: string): string => join(folder, name)
const read = (name: string): string => readFileSync(at(name), 'utf8')
const fingerprint = (name: string): string => keyFingerprint(loadPublicKey(read(`${name}.pub`)))

/** Runs `trefoil trust …` in this process; the lines it printed, and what it threw. */
function attempt(...words: string[]): { lines: string[]; error: unknown } {
  const lines: string[] = []
  const trust = trustCommand((line) => lines.push(line))
  for (const command of [trust, ...trust.commands]) {
    command.exitOverride().configureOutput({ writeErr: () => undefined, outputError: () => undefined })
  }
  try {
    new Command()
      .exitOverride()
      .addCommand(trust)
      .parse(['trust', ...words], { from: 'user' })
    return { lines, error: null }
  } catch (error) {
    return { lines, error }
  }
}

function run(...words: string[]): string[] {
  const { lines, error } = attempt(...words)
  if (error !== null) throw error
  return lines
}

const endorse = (by: string, subject: string, name: string, ...more: string[]) => {
  const out = at(`${by}-${subject}.endorsement`)
  run(
    'endorse',
    '--key',
    at(`${by}.key`),
    '--subject',
    at(`${subject}.pub`),
    '--name',
    name,
    '--days',
    '30',
    '--out',
    out,
    ...more,
  )
  return out
}
const verify = (files: string[], ...more: string[]) => {
  const introducers = ['one', 'two', 'three'].flatMap((name) => ['--introducer', at(`${name}.pub`)])
  return attempt(
    'verify',
    '--subject',
    at('server.pub'),
    '--name',
    'localhost',
    ...introducers,
    '--threshold',
    '2',
    ...more,
    ...files,
  )
}

beforeAll(() => {
  for (const name of ['one', 'two', 'three', 'server', 'client', 'dave']) {
    run('key', '--out', at(name), '--algorithm', 'mldsa44')
  }
})

describe('trefoil trust', () => {
  it('key writes a pair, the private one for the owner alone', () => {
    const [line] = run('key', '--out', at('pair'))
    expect(line).toBe(`wrote ${at('pair.key')} and ${at('pair.pub')} (mldsa65, ${fingerprint('pair')})`)
    expect(statSync(at('pair.key')).mode & 0o777).toBe(0o600)
    const key = loadPrivateKey(read('pair.key'), nodeProvider)
    expect(equalBytes(key.publicKey, loadPublicKey(read('pair.pub')).publicKey)).toBe(true)
    const [json] = run('key', '--out', at('pair'), '--algorithm', 'mldsa87', '--force', '--json')
    expect(JSON.parse(json as string)).toEqual({
      event: 'key',
      key: at('pair.key'),
      publicKey: at('pair.pub'),
      algorithm: 'mldsa87',
      fingerprint: fingerprint('pair'),
    })
  })

  it('overwrites nothing, unless forced', () => {
    const before = read('one.key')
    expect(refusal(() => run('key', '--out', at('one')))).toBe('ERR_INVALID_OPTION')
    writeFileSync(at('taken'), '')
    const words = [
      'endorse',
      '--key',
      at('one.key'),
      '--subject',
      at('server.pub'),
      '--name',
      'x',
      '--days',
      '1',
      '--out',
      at('taken'),
    ]
    expect(refusal(() => run(...words))).toBe('ERR_INVALID_OPTION')
    run(...words, '--force')
    expect(read('one.key')).toBe(before)
    expect(read('taken')).toContain('TREFOIL ENDORSEMENT')
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  it('endorse signs what it is told, and inspect shows it', () => {
    const file = endorse('one', 'server', 'LOCALHOST', '--purpose', 'server', '--force')
    const [endorsement] = loadEndorsements(readFileSync(file))
    expect(endorsement).toMatchObject({ name: 'localhost', purposes: ['server'], depth: 0, scheme: 'mldsa44' })
    const days = ((endorsement?.notAfter ?? 0) - (endorsement?.notBefore ?? 0)) / 86_400_000
    expect(days).toBe(30)
    const lines = run('inspect', file)
    expect(lines).toContain(`key        ${fingerprint('server')} (mldsa44)`)
    expect(lines).toContain('name       localhost')
    expect(lines).toContain('as         server')
    expect(lines).toContain(`endorser   ${fingerprint('one')} (mldsa44)`)
    const [json] = run('inspect', file, '--json')
    expect(JSON.parse(json as string)).toMatchObject({
      event: 'endorsement',
      subject: fingerprint('server'),
      endorser: fingerprint('one'),
      purposes: ['server'],
      depth: 0,
    })
    writeFileSync(
      at('both'),
      readFileSync(file, 'utf8') + readFileSync(endorse('two', 'dave', 'dave', '--depth', '2'), 'utf8'),
    )
    expect(run('inspect', at('both'))).toContain('as         introducer, depth 2')
    expect(run('inspect', at('both'), '--json')).toHaveLength(2)
  })

  it('inspect shows the fingerprint of a public key', () => {
    expect(run('inspect', at('server.pub'))).toEqual([`mldsa44 ${fingerprint('server')}`])
    const [json] = run('inspect', at('server.pub'), '--json')
    expect(JSON.parse(json as string)).toEqual({
      event: 'key',
      algorithm: 'mldsa44',
      fingerprint: fingerprint('server'),
    })
  })

  it('verify says on whose word a key is accepted', () => {
    const files = [endorse('one', 'server', 'localhost', '--force'), endorse('two', 'server', 'localhost', '--force')]
    const { lines, error } = verify(files)
    expect(error).toBeNull()
    expect(lines).toEqual(['accepted', `vouched for by ${fingerprint('one')}`, `vouched for by ${fingerprint('two')}`])
    const chain = [
      endorse('two', 'dave', 'dave', '--depth', '1', '--force'),
      endorse('dave', 'server', 'localhost', '--force'),
    ]
    const [json] = verify([files[0] as string, ...chain], '--json').lines
    expect(JSON.parse(json as string)).toEqual({
      event: 'verdict',
      accepted: true,
      revoked: false,
      paths: [[fingerprint('one')], [fingerprint('two'), fingerprint('dave')]],
      faults: [],
    })
  })

  it('verify fails where too few vouch, and says what did not count', () => {
    const files = [endorse('one', 'server', 'localhost', '--force'), endorse('two', 'server', 'elsewhere', '--force')]
    const { lines, error } = verify(files)
    expect((error as TrefoilError).code).toBe('ERR_UNTRUSTED_KEY')
    expect((error as TrefoilError).message).toContain('1 of the 2 introducers')
    expect(lines).toEqual([
      'not accepted',
      `vouched for by ${fingerprint('one')}`,
      `not counted: ${fingerprint('two')} (other-name)`,
    ])
    const revoked = verify(files, '--revoked', fingerprint('server'), '--json')
    expect((revoked.error as TrefoilError).message).toContain('revoked')
    expect(JSON.parse(revoked.lines[0] as string)).toMatchObject({ accepted: false, revoked: true })
    expect(verify(files, '--revoked', at('one.pub')).lines).toContain(`not counted: ${fingerprint('one')} (revoked)`)
  })

  it.each<readonly [string, () => string[]]>([
    ['files that are not there', () => ['inspect', at('nowhere')]],
    ['files that hold something else', () => ['inspect', at('one.key')]],
    [
      'the key of the endorser itself',
      () => [
        'endorse',
        '--key',
        at('one.key'),
        '--subject',
        at('one.pub'),
        '--name',
        'x',
        '--days',
        '1',
        '--out',
        at('y'),
      ],
    ],
    [
      'a name that is none',
      () => [
        'endorse',
        '--key',
        at('one.key'),
        '--subject',
        at('two.pub'),
        '--name',
        'a b',
        '--days',
        '1',
        '--out',
        at('y'),
      ],
    ],
  ])('%s are a failed operation', (_title, words) => {
    expect(attempt(...words()).error).toBeInstanceOf(TrefoilError)
  })

  it.each([
    ['key'],
    ['key', '--out', 'x', '--algorithm', 'ed25519'],
    ['endorse', '--key', 'x', '--subject', 'x', '--name', 'x', '--out', 'x'],
    ['endorse', '--key', 'x', '--subject', 'x', '--name', 'x', '--days', '0', '--out', 'x'],
    ['endorse', '--key', 'x', '--subject', 'x', '--name', 'x', '--days', '1', '--out', 'x', '--depth', 'deep'],
    ['endorse', '--key', 'x', '--subject', 'x', '--name', 'x', '--days', '1', '--out', 'x', '--purpose', 'ca'],
    [
      'endorse',
      '--key',
      'x',
      '--subject',
      'x',
      '--name',
      'x',
      '--days',
      '1',
      '--out',
      'x',
      '--depth',
      '1',
      '--purpose',
      'server',
    ],
    ['verify', '--subject', 'x', '--name', 'x', '--threshold', '1', 'x'],
    ['verify', '--subject', 'x', '--name', 'x', '--introducer', 'x', 'x'],
    ['inspect'],
    ['sign'],
  ])('wrong usage: trust %s %s %s %s %s %s %s %s %s %s %s %s %s', (...words) => {
    expect(attempt(...words).error).toBeInstanceOf(CommanderError)
  })
})

describe.skipIf(!isBuilt)(`serve and connect with raw public keys${notBuilt}`, () => {
  const server = () => ['--raw-key', '--key', at('server.key')]
  const client = () => ['--raw-key', '--key', at('client.key'), '--servername', 'localhost']

  it('know each other by their pins', async () => {
    const pins = ['--request-cert', '--pin', `branch-17=${at('client.pub')}`]
    const { server: running, target } = await serve(...server(), ...pins)
    const result = await runProcess(
      ['connect', target, ...client(), '--pin', fingerprint('server'), '--json'],
      'hello\n',
    )
    expect([result.code, result.stdout]).toEqual([0, expect.stringContaining('hello')])
    const [handshake] = result.events
    expect(handshake).toMatchObject({
      authentication: { peer: 'certificate', certificateType: 'RawPublicKey' },
      peerSubject: null,
      peerKey: { fingerprint: fingerprint('server'), names: ['localhost'] },
    })
    expect(await running.event('handshake')).toMatchObject({ peerKey: { names: ['branch-17'] } })
    const refused = await runProcess(['connect', target, ...client(), '--pin', at('client.pub')])
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('ERR_UNTRUSTED_KEY')])
  })

  it('know each other by the word of introducers', async () => {
    const web = ['--introducer', at('one.pub'), '--introducer', at('two.pub'), '--threshold', '2']
    const known = (subject: string, name: string) =>
      ['one', 'two'].flatMap((by) => ['--endorsements', endorse(by, subject, name, '--force')])
    const { target } = await serve(...server(), '--request-cert', ...web, ...known('client', 'branch-17'))
    const words = ['connect', target, ...client(), ...web, ...known('server', 'localhost')]
    const result = await runProcess(words, 'hello\n')
    expect([result.code, result.stdout]).toEqual([0, 'hello\n'])
    expect(result.stderr).toContain(`raw public key mldsa44 (localhost, ${fingerprint('server')})`)
  })

  it('are wrong usage when the options do not go together', async () => {
    const words = ['--introducer', 'x', '--threshold', 'two']
    expect((await misuse(['connect', '127.0.0.1:1', '--raw-key'])).code).toBe(2)
    expect((await misuse(['connect', '127.0.0.1:1', ...words])).code).toBe(2)
  })
})

describe('options for raw public keys', () => {
  const pin = [{ name: null, key: 'x' }]

  it.each<readonly [string, RawKeyOptions, string | undefined, boolean]>([
    ['none', {}, undefined, true],
    ['--raw-key and --key', { rawKey: true }, 'x', true],
    ['--pin', { pin }, undefined, true],
    ['--introducer and --threshold', { introducer: ['x'], threshold: 1 }, undefined, true],
    ['--raw-key without --key', { rawKey: true }, undefined, false],
    ['--pin and --introducer', { pin, introducer: ['x'], threshold: 1 }, undefined, false],
    ['--introducer without --threshold', { introducer: ['x'] }, undefined, false],
    ['--threshold by itself', { threshold: 1 }, undefined, false],
    ['--endorsements by themselves', { endorsements: ['x'] }, undefined, false],
    ['--revoked by itself', { revoked: ['x'] }, undefined, false],
  ])('%s: they go together or not', (_title, options, key, good) => {
    expect(rawKeyMistake(options, key) === null).toBe(good)
  })
})
