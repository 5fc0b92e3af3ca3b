/** `trefoil kme` as a process of its own, over a simulated BB84 link that an eavesdropper comes to. */
import { describe, expect, it } from 'vitest'
import { toHex } from '../../src/bytes.js'
import { type Etsi014KeySource, etsi014 } from '../../src/qkd/index.js'
import { credentials, saeA, saeB } from '../support/kme.js'
import { file, isBuilt, type Line, misuse, notBuilt, Running } from './command.js'

function options(): string[] {
  const [a, b] = [credentials('KME-A'), credentials('KME-B')]
  return [
    ...['--listen', '127.0.0.1:0', '--peer-listen', '127.0.0.1:0', '--sae', saeA, '--peer-sae', saeB, '--json'],
    ...['--cert', file('a.pem', a.cert as string), '--key', file('a.key', a.key as string)],
    ...['--peer-cert', file('b.pem', b.cert as string), '--peer-key', file('b.key', b.key as string)],
    ...['--ca', file('ca.pem', a.ca as string)],
  ]
}

interface Managers {
  readonly command: Running
  readonly a: Etsi014KeySource
  readonly b: Etsi014KeySource
  /** Sends a command; resolves with the first line after it that fits. */
  tell(text: string, event: string, fits?: (line: Line) => boolean): Promise<Line>
  end(): Promise<number | null>
}

async function start(...more: string[]): Promise<Managers> {
  const command = new Running(['kme', ...options(), ...more])
  const listening = () => command.events().filter(({ event }) => event === 'listening')
  await command.event('listening')
  await expect.poll(() => listening().length).toBe(2)
  const [atA, atB] = listening() as [Line, Line]
  const a = etsi014({ url: atA['url'] as string, ...credentials(saeA) })
  const b = etsi014({ url: atB['url'] as string, ...credentials(saeB) })
  return {
    command,
    a,
    b,
    async tell(text, event, fits = () => true) {
      const before = command.events().length
      command.child.stdin.write(`${text}\n`)
      const found = () => command.events().find((line, i) => i >= before && line['event'] === event && fits(line))
      await expect.poll(found).toBeDefined()
      return found() as Line
    },
    async end() {
      await Promise.all([a.close(), b.close()])
      command.child.kill('SIGTERM')
      return command.exit
    },
  }
}

/** Takes keys until there are no more; the refusal that ends it. */
async function drain(source: Etsi014KeySource): Promise<unknown> {
  for (;;) {
    try {
      await Promise.all(Array.from({ length: 64 }, () => source.getKey(saeB)))
    } catch (error) {
      return error
    }
  }
}

describe.skipIf(!isBuilt)(`trefoil kme over a BB84 link${notBuilt}`, () => {
  it('gives keys, tells the client why there are none while Eve is there, and gives keys again', {
    timeout: 90_000,
  }, async () => {
    const { command, a, b, tell, end } = await start('--link', 'bb84', '--distance', '10', '--control')
    expect(await command.event('link')).toMatchObject({ keys: true, reason: null })
    const sent = await a.getKey(saeB)
    expect((await b.getKeyWithId(saeA, sent.keyId)).key).toEqual(sent.key)

    expect(await tell('eve 1', 'eve')).toEqual({ event: 'eve', fraction: 1 })
    await expect.poll(() => command.events().filter(({ event }) => event === 'link').length).toBe(2)
    // The stock was made before she came; what it holds is good.
    const refusal = await drain(a)
    expect(refusal).toMatchObject({
      code: 'ERR_QKD_EXHAUSTED',
      message: expect.stringMatching(
        /^the key manager has no key to give: the quantum link gives no keys: QBER 2\d\.\d % is above the threshold of 11\.0 %$/,
      ),
    })
    const { link } = (await tell('status', 'status')) as unknown as { link: Record<string, unknown> }
    expect(link).toMatchObject({ eavesdropping: 1, message: expect.stringMatching(/^QBER/), abortQber: 0.11 })

    await tell('eve 0', 'eve')
    await expect.poll(() => command.events().filter(({ event }) => event === 'link').length).toBe(3)
    const again = await a.getKey(saeB)
    expect((await b.getKeyWithId(saeA, again.keyId)).key).toEqual(again.key)
    expect(command.stderr).toBe('')
    expect(await end()).toBe(0)
  })

  it('gives none from the start where Eve is there already, and the same keys again from the same seed', {
    timeout: 90_000,
  }, async () => {
    const eve = await start('--link', 'bb84', '--distance', '10', '--eve', '1')
    await expect(eve.a.getKey(saeB)).rejects.toMatchObject({ message: expect.stringContaining('QBER 2') })
    await eve.end()
    const first = async (): Promise<string> => {
      const { a, end } = await start('--link', 'bb84', '--distance', '10', '--seed', '5eed'.repeat(8))
      const { key } = await a.getKey(saeB)
      await end()
      return toHex(key)
    }
    expect(await first()).toBe(await first())
  })

  it('misbehaves and heals on command, and says what it cannot do', async () => {
    const { a, tell, end } = await start('--fault', 'exhausted', '--control')
    await expect(a.getKey(saeB)).rejects.toMatchObject({ code: 'ERR_QKD_EXHAUSTED' })
    expect(await tell('fault none', 'fault')).toEqual({ event: 'fault', fault: null })
    await a.getKey(saeB)
    expect(await tell('fault wrong-length', 'fault')).toEqual({ event: 'fault', fault: 'wrong-length' })
    await expect(a.getKey(saeB)).rejects.toMatchObject({ code: 'ERR_QKD_KEY_LENGTH' })
    for (const nonsense of ['eve 0.5', 'fault', 'fault lazy', 'jump', 'status now', 'eve 2']) {
      expect(await tell(nonsense, 'error')).toMatchObject({ code: 'ERR_INVALID_OPTION', alert: null })
    }
    expect(await tell('status', 'status')).toMatchObject({
      link: null,
      requests: [{ kmeId: 'KME-A', enc_keys: 3 }, { kmeId: 'KME-B' }],
    })
    expect(await end()).toBe(0)
  })

  it('refuses wrong usage with exit status 2', async () => {
    for (const wrong of [
      ['--distance', '10'],
      ['--eve', '0.1'],
      ['--seed', '5eed'.repeat(8)],
      ['--link', 'bb84', '--seed', '5eed'],
      ['--link', 'bb84', '--distance', 'far'],
      ['--link', 'bb84', '--eve', '1.5'],
      ['--link', 'pigeon'],
      ['--fault', 'lazy'],
    ]) {
      expect((await misuse(['kme', ...options(), ...wrong])).code, wrong.join(' ')).toBe(2)
    }
  })
})
