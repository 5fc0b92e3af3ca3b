import { describe, expect, it } from 'vitest'
import { isBuilt, misuse, notBuilt, Running, run, serve } from './command.js'

describe('exit status 2 is for wrong usage', () => {
  const psk = 'id:000102030405060708090a0b0c0d0e0f'
  it.each<[string, string[], RegExp]>([
    ['no command', [], /Usage: trefoil/],
    ['an unknown command', ['dance'], /unknown command 'dance'/],
    ['an unknown option', ['serve', '--listen', ':0', '--fast'], /unknown option '--fast'/],
    ['a missing option', ['serve'], /--listen/],
    ['a missing argument', ['connect'], /host:port/],
    ['a malformed address', ['connect', 'localhost'], /HOST:PORT is needed/],
    ['an unknown group', ['connect', 'h:1', '--groups', 'curve448'], /Unknown group 'curve448'/],
    ['an unknown cipher suite', ['connect', 'h:1', '--ciphers', 'RC4'], /Unknown cipher suite 'RC4'/],
    ['an unknown scheme', ['connect', 'h:1', '--sigalgs', 'md5'], /Unknown signature scheme 'md5'/],
    ['a PSK without key', ['connect', 'h:1', '--psk', 'me'], /ID:HEX is needed/],
    ['a PSK that is no hex', ['connect', 'h:1', '--psk', 'me:xyz'], /Hex octets are needed/],
    ['a short PSK', ['connect', 'h:1', '--psk', 'me:0011'], /16 octets/],
    ['half of the names of a PSK', ['connect', 'h:1', '--psk', psk, '--psk-peer-id', 'b'], /go together/],
    ['a passphrase without key', ['connect', 'h:1', '--psk', psk, '--passphrase-file', 'p'], /needs --key/],
    ['an unknown hash', ['connect', 'h:1', '--psk', psk, '--psk-hash', 'MD5'], /SHA256 or SHA384/],
    ['an unknown QKD policy', ['connect', 'h:1', '--qkd', 'maybe'], /Allowed choices are require, prefer, off/],
    ['a key manager without credentials', ['connect', 'h:1', '--qkd-kme', 'https://h/'], /--qkd-cert, --qkd-key/],
    ['a certificate without key', ['connect', 'h:1', '--cert', 'a.pem'], /--cert and --key go together/],
    ['--request-cert without CA', ['serve', '--listen', ':0', '--psk', psk, '--request-cert'], /needs --ca/],
    ['both services', ['serve', '--listen', ':0', '--psk', psk, '--echo', '--http'], /cannot be used with/],
    ['nothing that authenticates', ['connect', 'h:1'], /nothing authenticates the server/],
    ['a classical group unasked', ['connect', 'h:1', '--psk', psk, '--groups', 'x25519'], /is classical/],
  ])('%s', async (_, args, sentence) => {
    const { code, stdout, stderr } = await misuse(args)
    expect(stderr).toMatch(sentence)
    expect([code, stdout]).toEqual([2, ''])
  })

  it.each([
    ['--psk', 'c2VjcmV0IHNlY3JldA=='],
    ['--psk-raw', 'c2VjcmV0IHNlY3JldA=='],
    ['--psk', '736563726574'],
  ])('of a key that cannot be read it quotes nothing: %s %s', async (option, key) => {
    const { code, stderr } = await misuse(['connect', 'h:1', option, `me:${key}`])
    expect(stderr).toContain(`${option}: `)
    expect(stderr).not.toContain(key)
    expect(code).toBe(2)
  })

  it.skipIf(!isBuilt).each<[string[], RegExp]>([
    [[], /Usage: trefoil/],
    [['serve', '--listen', ':0', '--fast'], /unknown option '--fast'/],
    [['connect', 'h:1'], /nothing authenticates the server/],
  ])(`of a process: %s${notBuilt}`, async (args, sentence) => {
    const { code, stdout, stderr } = await run(args)
    expect(stderr).toMatch(sentence)
    expect([code, stdout]).toEqual([2, ''])
  })
})

describe.skipIf(!isBuilt)(`exit status 0 is for success${notBuilt}`, () => {
  it('--help shows every command on stdout, and every shared option with serve and connect', async () => {
    const { code, stdout } = await run(['--help'])
    expect(code).toBe(0)
    for (const name of ['demo', 'serve', 'connect', 'cert', 'kme', 'doctor', 'keyfile'])
      expect(stdout).toContain(`  ${name} `)
    const shared =
      '--cert --key --ca --request-cert --servername --alpn --groups --ciphers --sigalgs --psk --psk-context --psk-raw ' +
      '--psk-local-id --psk-peer-id --passphrase-file --psk-hash --psk-with-cert --qkd-kme --qkd-file --qkd-cert --qkd-key --qkd-ca --sae --peer-sae --qkd --allow-classical ' +
      '--no-tickets --keylog --json'
    for (const command of ['serve', 'connect']) {
      const help = await run([command, '--help'])
      expect(help.code).toBe(0)
      for (const option of shared.split(' ')) expect(help.stdout).toMatch(new RegExp(`  ${option}[ \n]`))
    }
  })

  it('--version', async () => {
    expect(await run(['--version'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
  })
})

describe.skipIf(!isBuilt)(`exit status 1 is for a failed operation${notBuilt}`, () => {
  it('says why on stderr, or on stdout with --json', async () => {
    const args = ['connect', '127.0.0.1:1', '--ca', '/nowhere/ca.pem']
    const human = await run(args)
    expect(human).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('/nowhere/ca.pem') })
    const machine = await run([...args, '--json'])
    expect(machine.code).toBe(1)
    expect(machine.events).toEqual([
      { event: 'error', code: 'ERR_INVALID_OPTION', alert: null, message: expect.any(String) },
    ])
  })
})

describe.skipIf(!isBuilt)(`a command whose stdout nobody reads any more${notBuilt}`, () => {
  const psk = ['--psk', 'id:8f1c03a95be27d604c9e1fb8a2d7530e']

  it('ends as SIGPIPE would end it, and says nothing', async () => {
    const command = new Running(['--help'])
    command.child.stdout.destroy()
    expect([await command.exit, command.stderr]).toEqual([141, ''])
  })

  it('ends so in the midst of its output too', async () => {
    const { target } = await serve(...psk)
    const command = new Running(['connect', target, ...psk, '--json'])
    await command.event('handshake')
    command.child.stdout.destroy()
    command.child.stdin.write('to be echoed')
    expect([await command.exit, command.stderr]).toEqual([141, ''])
  })
})
