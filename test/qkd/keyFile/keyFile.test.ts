import { randomBytes, randomUUID } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { describe, expect, it } from 'vitest'
import { formatUuid } from '../../../src/qkd/identifiers.js'
import { createKeyFiles, inspectKeyFile, keyFile, writeKeyFile } from '../../../src/qkd/index.js'
import { lockKeyFile } from '../../../src/qkd/keyFile/lock.js'
import { alice, bob, code, folder, open, pair } from './support.js'

/** The key_IDs of a file of 256-bit keys, in its order. */
function idsIn(path: string): string[] {
  const octets = readFileSync(path)
  const ids: string[] = []
  for (let at = octets.readUInt16BE(10); at < octets.length; at += 64)
    ids.push(formatUuid(octets.subarray(at, at + 16)))
  return ids
}

describe('the two ends of a pair of key files', () => {
  it('share keys in both directions, each key once', async () => {
    const [pathA, pathB] = await pair()
    const [a, b] = [await open(pathA), await open(pathB)]
    expect([a.localSaeId, a.peerSaeId, b.localSaeId, b.peerSaeId]).toEqual([alice, bob, bob, alice])
    const ids = new Set<string>()
    for (let i = 0; i < 5; i++) {
      for (const [one, other] of [
        [a, b],
        [b, a],
      ] as const) {
        const sent = await one.getKey(one.peerSaeId)
        expect(sent.key).toHaveLength(32)
        expect(sent.delivery).toEqual({ kind: 'file', protocol: null, group: null, postQuantum: true })
        ids.add(sent.keyId)
        expect(await other.getKeyWithId(other.peerSaeId, sent.keyId)).toEqual(sent)
        for (const end of [one, other]) {
          await expect(end.getKeyWithId(end.peerSaeId, sent.keyId)).rejects.toEqual(code('ERR_QKD_KEY_NOT_FOUND'))
        }
      }
    }
    expect(ids.size).toBe(10)
    await expect(a.getKey(bob)).rejects.toEqual(code('ERR_QKD_EXHAUSTED'))
    await expect(b.getKey(alice)).rejects.toEqual(code('ERR_QKD_EXHAUSTED'))
  })

  it('cannot start with the same key', async () => {
    const [pathA, pathB] = await pair()
    const [a, b] = [await open(pathA), await open(pathB)]
    const draw = (source: typeof a) => Promise.all(Array.from({ length: 5 }, () => source.getKey(source.peerSaeId)))
    const [fromA, fromB] = await Promise.all([draw(a), draw(b)])
    expect(new Set([...fromA, ...fromB].map(({ keyId }) => keyId)).size).toBe(10)
  })

  it('cannot be asked for a key that is theirs to start with (a reflection)', async () => {
    const [path] = await pair()
    const a = await open(path)
    const asked = await Promise.allSettled(idsIn(path).map((keyId) => a.getKeyWithId(bob, keyId)))
    const refused = asked.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
    expect(refused).toEqual(Array.from({ length: 5 }, () => code('ERR_QKD_KEY_NOT_FOUND')))
    for (let i = 0; i < 5; i++) await a.getKey(bob)
  })

  it('one alone may start when it is the initiator', async () => {
    for (const initiator of [alice, bob]) {
      const [pathA, pathB] = await pair({ initiator, count: 3 })
      const [a, b] = [await open(pathA), await open(pathB)]
      const [starts, waits] = initiator === alice ? [a, b] : [b, a]
      expect(await starts.status(starts.peerSaeId)).toMatchObject({ storedKeyCount: 3, maxKeyCount: 3 })
      await expect(waits.getKey(waits.peerSaeId)).rejects.toEqual(code('ERR_QKD_EXHAUSTED'))
      for (let i = 0; i < 3; i++) {
        const { keyId } = await starts.getKey(starts.peerSaeId)
        await waits.getKeyWithId(waits.peerSaeId, keyId)
      }
    }
  })

  it('go on after a restart where they were', async () => {
    const [path] = await pair({ count: 40, keySize: 512 })
    const ids = new Set<string>()
    for (let i = 0; i < 20; i++) {
      const source = await keyFile({ path })
      const { keyId, key } = await source.getKey(bob)
      expect(key).toHaveLength(64)
      ids.add(keyId)
      expect((await source.status(bob)).storedKeyCount).toBe(19 - i)
      await source.close()
    }
    expect(ids.size).toBe(20)
  })

  it('concurrent calls for one key_ID get it once', async () => {
    const [pathA, pathB] = await pair()
    const [a, b] = [await open(pathA), await open(pathB)]
    const { keyId } = await a.getKey(bob)
    const asked = await Promise.allSettled(Array.from({ length: 8 }, () => b.getKeyWithId(alice, keyId)))
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('refuse other peers, fired signals, and everything once closed', async () => {
    const [path] = await pair()
    const source = await open(path, { name: 'courier' })
    expect(source.name).toBe('courier')
    await expect(source.getKey('carol')).rejects.toEqual(code('ERR_QKD_REFUSED'))
    await expect(source.getKey(bob, { signal: AbortSignal.abort() })).rejects.toEqual(code('ERR_ABORTED'))
    await expect(source.getKeyWithId(bob, '../../etc')).rejects.toEqual(code('ERR_QKD_KEY_NOT_FOUND'))
    expect((await source.status(bob)).storedKeyCount).toBe(5)
    await source.close()
    await source.close()
    for (const call of [source.getKey(bob), source.getKeyWithId(bob, randomUUID()), source.status(bob)]) {
      await expect(call).rejects.toEqual(code('ERR_INVALID_STATE'))
    }
  })
})

describe('a key that was used', () => {
  it('is no longer in the file when it is given out', async () => {
    const [pathA, pathB] = await pair()
    const [a, b] = [await open(pathA), await open(pathB)]
    const { keyId, key } = await a.getKey(bob)
    expect(readFileSync(pathA).includes(Buffer.from(key))).toBe(false)
    expect(readFileSync(pathB).includes(Buffer.from(key))).toBe(true)
    await b.getKeyWithId(alice, keyId)
    expect(readFileSync(pathB).includes(Buffer.from(key))).toBe(false)
  })

  it('is never given out again when the write that struck it out was torn, wherever', async () => {
    const [path] = await pair({ count: 2, initiator: alice })
    const whole = readFileSync(path)
    const source = await keyFile({ path })
    const { keyId } = await source.getKey(bob)
    await source.close()
    const after = readFileSync(path)
    const octets = [...whole]
    const first = octets.findIndex((octet, i) => octet !== after[i])
    const last = octets.findLastIndex((octet, i) => octet !== after[i])
    for (let torn = first + 1; torn <= last; torn++) {
      for (const half of [
        Buffer.concat([after.subarray(0, torn), whole.subarray(torn)]),
        Buffer.concat([whole.subarray(0, torn), after.subarray(torn)]),
      ]) {
        // A tear behind zeros that stood there before is none.
        if (half.equals(whole)) continue
        writeFileSync(path, half)
        const again = await keyFile({ path })
        expect((await again.getKey(bob)).keyId).not.toBe(keyId)
        await again.close()
      }
    }
  })
})

describe('a key file that cannot be trusted is refused', () => {
  it('cut short, longer than it says, or no key file at all: ERR_QKD_BAD_REPLY', async () => {
    const [path] = await pair()
    const whole = readFileSync(path)
    for (const length of [0, 7, 39, 60, whole.length - 32, whole.length - 1]) {
      truncateSync(path, length)
      await expect(keyFile({ path })).rejects.toEqual(code('ERR_QKD_BAD_REPLY'))
      writeFileSync(path, whole)
    }
    for (const octets of [Buffer.concat([whole, Buffer.alloc(1)]), randomBytes(whole.length)]) {
      writeFileSync(path, octets)
      await expect(keyFile({ path })).rejects.toEqual(code('ERR_QKD_BAD_REPLY'))
    }
    writeFileSync(path, whole)
    await open(path)
  })

  it('any octet of the header changed: ERR_QKD_BAD_REPLY', async () => {
    const [path] = await pair({ count: 1 })
    const whole = readFileSync(path)
    const headerLength = whole.readUInt16BE(10)
    for (let i = 0; i < headerLength; i++) {
      const changed = Buffer.from(whole)
      changed.writeUInt8((whole[i] as number) ^ 1, i)
      writeFileSync(path, changed)
      await expect(keyFile({ path }), `octet ${i}`).rejects.toEqual(code('ERR_QKD_BAD_REPLY'))
    }
  })

  it('a damaged key is passed over by its owner, and refused to the peer: ERR_QKD_BAD_REPLY', async () => {
    const [pathA, pathB] = await pair({ count: 3, initiator: alice })
    for (const path of [pathA, pathB]) {
      const octets = readFileSync(path)
      // The last octet of the key of the first record.
      const at = octets.readUInt16BE(10) + 47
      octets.writeUInt8((octets[at] as number) ^ 0x80, at)
      writeFileSync(path, octets)
    }
    expect((await inspectKeyFile(pathA)).own).toEqual({ unused: 2, used: 0, damaged: 1 })
    const [damagedId = ''] = idsIn(pathA)
    const [a, b] = [await open(pathA), await open(pathB)]
    expect((await a.getKey(bob)).keyId).not.toBe(damagedId)
    await expect(b.getKeyWithId(alice, damagedId)).rejects.toEqual(code('ERR_QKD_BAD_REPLY'))
  })

  it('for other SAEs, missing, a folder, or under two names: ERR_INVALID_OPTION', async () => {
    const [path] = await pair()
    for (const options of [{ localSaeId: bob }, { peerSaeId: 'carol' }, { path: `${path}.none` }, { path: folder() }]) {
      await expect(keyFile({ path, ...options })).rejects.toEqual(code('ERR_INVALID_OPTION'))
    }
    linkSync(path, `${path}.twin`)
    await expect(keyFile({ path })).rejects.toEqual(code('ERR_INVALID_OPTION'))
  })

  it.skipIf(process.platform === 'win32')(
    'readable by others: ERR_INVALID_OPTION (Windows has no such modes)',
    async () => {
      const [path] = await pair()
      expect(statSync(path).mode & 0o777).toBe(0o600)
      for (const mode of [0o640, 0o604, 0o660, 0o601]) {
        chmodSync(path, mode)
        await expect(keyFile({ path })).rejects.toEqual(code('ERR_INVALID_OPTION'))
        await expect(inspectKeyFile(path)).rejects.toEqual(code('ERR_INVALID_OPTION'))
      }
    },
  )
})

describe('the lock', () => {
  const lockOf = (path: string) => `key-file-${statSync(path).ino}.lock.`
  const locks = (path: string) => readdirSync(folder()).filter((name) => name.startsWith(lockOf(path)))

  it('keeps a file to one holder, by whatever name it is opened, until it is closed', async () => {
    const [path] = await pair()
    const first = await open(path)
    symlinkSync(path, `${path}.link`)
    for (const name of [path, `${path}.link`]) {
      await expect(keyFile({ path: name })).rejects.toMatchObject({
        code: 'ERR_INVALID_STATE',
        message: expect.stringContaining(`process ${process.pid} has`),
      })
    }
    await first.close()
    expect(locks(path)).toEqual([])
    await open(path)
    expect(locks(path)).toHaveLength(1)
  })

  it('goes with a file that is renamed, and one that is moved away gives no key any more', async () => {
    const [path] = await pair()
    const source = await open(path)
    const renamed = `${path}.renamed`
    renameSync(path, renamed)
    await expect(keyFile({ path: renamed })).rejects.toMatchObject({ code: 'ERR_INVALID_STATE' })
    await expect(source.getKey(source.peerSaeId)).rejects.toMatchObject({
      code: 'ERR_QKD_UNREACHABLE',
      message: expect.stringContaining('moved or replaced'),
    })
  })

  it('cannot be kept in a folder that is gone', async () => {
    await expect(lockKeyFile(`${folder()}/nowhere/file`, 1n)).rejects.toMatchObject({
      code: 'ERR_INVALID_OPTION',
      message: expect.stringContaining('ENOENT'),
    })
  })

  it('of many that come at once, at most one gets the file, and afterwards it is free', async () => {
    const [path] = await pair()
    for (let round = 0; round < 5; round++) {
      const opened = await Promise.allSettled(Array.from({ length: 4 }, () => keyFile({ path })))
      const got = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
      expect(got.length).toBeLessThanOrEqual(1)
      await Promise.all(got.map((source) => source.close()))
      expect(locks(path)).toEqual([])
    }
  })

  it('of a dead process, or of one that had the same process ID before, counts for nothing', async () => {
    const [path] = await pair()
    const source = await keyFile({ path })
    const [own] = locks(path) as [string]
    await source.close()
    const fields = own.slice(lockOf(path).length).split('.')
    const forge = (change: Record<number, string>) =>
      writeFileSync(`${folder()}/${lockOf(path)}${fields.map((field, i) => change[i] ?? field).join('.')}`, '')
    // No process has this ID; this process, but started at another time; another boot of this machine.
    forge({ 0: '4194999' })
    if (existsSync('/proc/self/stat')) {
      forge({ 1: '1', 5: '00000001' })
      forge({ 3: '00000000', 5: '00000002' })
    }
    await (await keyFile({ path })).close()
    expect(locks(path)).toEqual([])
  })

  it('of another machine or container is left alone, and the refusal says which file to remove', async () => {
    const [path] = await pair()
    const source = await keyFile({ path })
    const [own] = locks(path) as [string]
    await source.close()
    const fields = own.slice(lockOf(path).length).split('.')
    for (const [field, value] of [
      [2, '01234567'],
      [4, '01234567'],
    ] as const) {
      const name = `${lockOf(path)}${fields.map((was, i) => (i === field ? value : was)).join('.')}`
      writeFileSync(`${folder()}/${name}`, '')
      await expect(keyFile({ path })).rejects.toMatchObject({
        code: 'ERR_INVALID_STATE',
        message: expect.stringContaining(`remove ${name}`),
      })
      expect(locks(path)).toEqual([name])
      rmSync(`${folder()}/${name}`)
    }
  })
})

describe('making key files', () => {
  it('of keys that came from elsewhere: both sites write the same keys in any order', async () => {
    const keys = Array.from({ length: 7 }, () => ({ keyId: randomUUID(), key: randomBytes(16) }))
    const [pathA, pathB] = [`${folder()}/written.alice`, `${folder()}/written.bob`]
    await writeKeyFile({ path: pathA, localSaeId: alice, peerSaeId: bob, keys })
    await writeKeyFile({ path: pathB, localSaeId: bob, peerSaeId: alice, keys: keys.toReversed() })
    const [a, b] = [await open(pathA), await open(pathB)]
    const sent = await a.getKey(bob)
    expect(Buffer.from(sent.key).equals(keys.find(({ keyId }) => keyId === sent.keyId)?.key as Buffer)).toBe(true)
    expect(await b.getKeyWithId(alice, sent.keyId)).toEqual(sent)
    expect(await inspectKeyFile(pathB)).toEqual({
      localSaeId: bob,
      peerSaeId: alice,
      keySize: 128,
      count: 7,
      own: { unused: 3, used: 0, damaged: 0 },
      peer: { unused: 3, used: 1, damaged: 0 },
    })
  })

  it('never overwrites a file, and leaves no half pair', async () => {
    const [path, other] = await pair()
    const before = readFileSync(other)
    const sites = [
      { saeId: alice, path: `${path}.new` },
      { saeId: bob, path: other },
    ] as const
    const random = (length: number) => randomBytes(length)
    await expect(createKeyFiles({ sites, count: 1, random })).rejects.toMatchObject({
      code: 'ERR_INVALID_OPTION',
      message: `the key file ${other} exists already`,
    })
    expect(existsSync(`${path}.new`)).toBe(false)
    expect(readFileSync(other).equals(before)).toBe(true)
  })

  it('refuses what cannot be a pair', async () => {
    const keyId = randomUUID()
    const key = randomBytes(32)
    for (const options of [
      { count: 0 },
      { count: 1.5 },
      { count: 2 ** 25 },
      { keySize: 100 },
      { initiator: 'carol' },
    ]) {
      await expect(pair(options)).rejects.toEqual(code('ERR_INVALID_OPTION'))
    }
    for (const options of [
      { peerSaeId: alice },
      { localSaeId: '..' },
      { keys: [] },
      { keys: [{ keyId: 'one', key }] },
      { keys: [{ keyId: keyId.toUpperCase(), key }] },
      {
        keys: [
          { keyId, key },
          { keyId, key },
        ],
      },
      {
        keys: [
          { keyId, key },
          { keyId: randomUUID(), key: randomBytes(16) },
        ],
      },
    ]) {
      const usual = { path: `${folder()}/never`, localSaeId: alice, peerSaeId: bob, keys: [{ keyId, key }] }
      await expect(writeKeyFile({ ...usual, ...options })).rejects.toEqual(code('ERR_INVALID_OPTION'))
    }
    expect(existsSync(`${folder()}/never`)).toBe(false)
  })
})
