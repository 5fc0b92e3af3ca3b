import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { isBuilt, misuse, notBuilt, run, serve } from './command.js'

const folder = mkdtempSync(join(tmpdir(), 'trefoil-cli-key-file-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const create = (name: string, ...more: string[]) => {
  const out = join(folder, name)
  const ids = ['--sae', 'alice', '--peer-sae', 'bob', '--count', '2', '--out', out]
  return run(['keyfile', 'create', ...ids, ...more]).then((result) => ({
    ...result,
    alice: `${out}.sae.keys`,
    bob: `${out}.peer-sae.keys`,
  }))
}

describe.skipIf(!isBuilt)(`trefoil keyfile${notBuilt}`, () => {
  it('makes the two files of a pair, and shows their counts and no key', async () => {
    const { code, events, alice, bob } = await create('counts', '--size', '512', '--json')
    expect(code).toBe(0)
    expect(events).toEqual([{ event: 'created', files: [alice, bob], count: 2, keySize: 512 }])
    for (const path of [alice, bob]) expect(statSync(path).mode & 0o077).toBe(process.platform === 'win32' ? 0o66 : 0)
    const half = { unused: 1, used: 0, damaged: 0 }
    const shown = await run(['keyfile', 'inspect', bob, '--json'])
    expect(shown.events).toEqual([
      {
        event: 'key-file',
        file: bob,
        localSaeId: 'bob',
        peerSaeId: 'alice',
        keySize: 512,
        count: 2,
        own: half,
        peer: half,
      },
    ])
    const human = await run(['keyfile', 'inspect', alice])
    expect(human.stdout).toMatch(/^copy of +alice\nshared with +bob\nkeys +2 of 512 bits\n/)
    expect((await create('counts')).code).toBe(1)
  })

  it('serve and connect use the files without a key manager, in either direction, each key once', {
    // Ten processes, one after the other.
    timeout: 90_000,
  }, async () => {
    const { alice, bob } = await create('handshakes')
    const used = new Set<unknown>()
    for (const [server, client] of [
      [bob, alice],
      [alice, bob],
    ] as const) {
      const { server: serving, target } = await serve('--qkd-file', server)
      const { code, events } = await run(['connect', target, '--qkd-file', client, '--json'], 'hello\n')
      expect([code, events[0]]).toEqual([
        0,
        expect.objectContaining({
          qkd: expect.objectContaining({ source: 'key-file' }),
          authentication: expect.objectContaining({ peer: 'qkd' }),
        }),
      ])
      used.add((events[0]?.['qkd'] as { keyId: string } | undefined)?.keyId)
      // The one key of this direction is spent; and what the server holds is not for the taking.
      for (const [path, error] of [
        [client, 'ERR_QKD_EXHAUSTED'],
        [server, 'ERR_INVALID_STATE'],
      ] as const) {
        const refused = await run(['connect', target, '--qkd-file', path, '--json'])
        expect([refused.code, refused.events.at(-1)?.['code']]).toEqual([1, error])
      }
      serving.child.kill()
      await serving.exit
    }
    expect(used.size).toBe(2)
  })

  it('refuses wrong usage with 2, and files that are none with 1', async () => {
    for (const args of [
      ['keyfile', 'create', '--sae', 'a', '--peer-sae', 'b', '--count', '0', '--out', join(folder, 'no')],
      ['connect', 'h:1', '--qkd-file', 'a', '--qkd-kme', 'https://h/'],
      ['connect', 'h:1', '--qkd-file', 'a', '--peer-sae', 'a', '--peer-sae', 'b'],
    ]) {
      expect((await misuse(args)).code, args.join(' ')).toBe(2)
    }
    expect(existsSync(join(folder, 'no.sae.keys'))).toBe(false)
    const { alice } = await create('sae')
    for (const [args, code] of [
      [['connect', 'h:1', '--qkd-file', alice, '--sae', 'bob'], 'ERR_INVALID_OPTION'],
      [['connect', 'h:1', '--qkd-file', join(folder, 'none')], 'ERR_INVALID_OPTION'],
    ] as const) {
      const result = await run([...args, '--json'])
      expect([result.code, result.events.at(-1)?.['code']]).toEqual([1, code])
    }
  })
})
