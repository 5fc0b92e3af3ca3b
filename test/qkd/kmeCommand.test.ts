import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type KmeCommandOptions, kmeCommand, runKeyManagers } from '../../src/cli/kme.js'
import { etsi014 } from '../../src/qkd/index.js'
import { credentials, saeA, saeB } from '../support/kme.js'

let folder: string
const file = (name: string) => join(folder, name)

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'trefoil-kme-'))
  for (const id of ['KME-A', 'KME-B']) {
    const { cert, key, ca } = credentials(id)
    writeFileSync(file(`${id}.pem`), cert as string)
    writeFileSync(file(`${id}.key`), key as string, { mode: 0o600 })
    writeFileSync(file('ca.pem'), ca as string)
  }
})
afterAll(() => rmSync(folder, { recursive: true }))

const site = (own: 'A' | 'B', peer: 'A' | 'B') => [
  ...['--listen', '127.0.0.1:0', '--kme-id', `KME-${own}`, '--peer-kme-id', `KME-${peer}`],
  ...['--cert', file(`KME-${own}.pem`), '--key', file(`KME-${own}.key`), '--ca', file('ca.pem')],
  ...(own === 'A' ? ['--sae', saeA, '--peer-sae', saeB] : ['--sae', saeB, '--peer-sae', saeA]),
]

/** The options as commander reads them, without running the command. */
async function parse(args: string[]): Promise<KmeCommandOptions> {
  let parsed: KmeCommandOptions | undefined
  await kmeCommand()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .action((options: KmeCommandOptions) => {
      parsed = options
    })
    .parseAsync(args, { from: 'user' })
  return parsed as KmeCommandOptions
}

/** Starts the key managers and waits for the lines of `count` of them. */
async function start(args: string[], count: number) {
  const stop = new AbortController()
  const lines: string[] = []
  const options = await parse(args)
  let done: Promise<void> = Promise.resolve()
  await new Promise<void>((resolve, reject) => {
    done = runKeyManagers(options, (line) => lines.push(line) === count && resolve(), stop.signal)
    done.catch(reject)
  })
  const close = async (): Promise<void> => {
    stop.abort()
    await done
  }
  return { lines, close }
}

describe('trefoil kme', () => {
  it('runs both sites in one process and prints where they listen', async () => {
    const peer = ['--peer-listen', '127.0.0.1:0', '--peer-cert', file('KME-B.pem'), '--peer-key', file('KME-B.key')]
    const { lines, close } = await start([...site('A', 'B'), ...peer, '--json'], 2)
    const [a, b] = lines.map((line) => JSON.parse(line)) as [{ url: string }, { url: string }]
    expect(a).toEqual({ event: 'listening', site: 'A', kmeId: 'KME-A', url: expect.stringMatching(/^https:/) })
    expect(b).toEqual({ event: 'listening', site: 'B', kmeId: 'KME-B', url: expect.stringMatching(/^https:/) })
    await exchangeKey(a.url, b.url)
    await close()
  })

  it('runs a site of its own with --peer-url', async () => {
    const b = await start(site('B', 'A'), 1)
    const urlB = b.lines[0]?.split(' ').at(-1) as string
    const a = await start([...site('A', 'B'), '--peer-url', urlB], 1)
    await exchangeKey(a.lines[0]?.split(' ').at(-1) as string, urlB)
    await Promise.all([a.close(), b.close()])
  })

  it('refuses wrong usage', async () => {
    const good = site('A', 'B')
    for (const args of [
      good.slice(2),
      [...good, '--peer-listen', '127.0.0.1'],
      [...good, '--peer-listen', '127.0.0.1:70000'],
      [...good, '--peer-listen', '127.0.0.1:0', '--peer-url', 'https://127.0.0.1:1'],
      [...good, '--key-size', '100'],
      [...good, '--sae-identity', 'guess'],
      [...good, '--nonsense'],
    ]) {
      await expect(parse(args), args.join(' ')).rejects.toMatchObject({ name: 'CommanderError' })
    }
    expect((await parse([...good, '--peer-listen', '[::1]:7'])).peerListen).toEqual({ host: '::1', port: 7 })
  })

  it('names the file it cannot read', async () => {
    const options = await parse([...site('A', 'B'), '--cert', file('missing.pem')])
    const run = runKeyManagers(options, () => undefined, AbortSignal.abort())
    await expect(run).rejects.toMatchObject({
      code: 'ERR_INVALID_OPTION',
      message: expect.stringContaining(`${file('missing.pem')} cannot be read`),
    })
  })
})

async function exchangeKey(urlA: string, urlB: string): Promise<void> {
  const sourceA = etsi014({ url: urlA, ...credentials(saeA) })
  const sourceB = etsi014({ url: urlB, ...credentials(saeB) })
  const sent = await sourceA.getKey(saeB)
  expect(await sourceB.getKeyWithId(saeA, sent.keyId)).toEqual(sent)
  await Promise.all([sourceA.close(), sourceB.close()])
}
