/** The link in its worker thread. The thread's module must be compiled, so these tests use the built package. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { equalBytes } from '../../../src/bytes.js'
import { defaultProvider } from '../../../src/crypto/index.js'
import type { SigningIdentity } from '../../../src/qkd/bb84/authentication.js'
import { KeyTap, SharedTaps } from '../../../src/qkd/bb84/keyTap.js'
import type { Bb84Link, Bb84LinkOptions, BlockReport } from '../../../src/qkd/index.js'
import { runNode } from './process.js'
import { PSK, QUICK_OPTIONS, SEED } from './support.js'

const BUILT = fileURLToPath(new URL('../../../dist/qkd/index.js', import.meta.url))
const isBuilt = existsSync(BUILT)
const notBuilt = isBuilt ? '' : ' (skipped: dist is not built, npm run build makes it)'

const links: Bb84Link[] = []
afterEach(async () => {
  await Promise.all(links.splice(0).map((link) => link.close()))
})

/** Blocks of 200,000 pulses give some 1000 bytes of key. */
async function start(options: Partial<Bb84LinkOptions> = {}): Promise<Bb84Link> {
  const { createBb84Link } = (await import(BUILT)) as typeof import('../../../src/qkd/index.js')
  const quick = { ...QUICK_OPTIONS, pulsesPerBlock: 200_000, authentication: { psk: PSK }, seed: SEED }
  const link = createBb84Link({ ...quick, bufferBytes: 1000, ...options })
  links.push(link)
  return link
}

/** The next block that meets a condition. */
function block(link: Bb84Link, condition: (report: BlockReport) => boolean = () => true): Promise<BlockReport> {
  return new Promise((resolve) => {
    const look = (report: BlockReport): void => {
      if (!condition(report)) return
      link.off('block', look)
      resolve(report)
    }
    link.on('block', look)
  })
}

describe.skipIf(!isBuilt)(`a BB84 link in a thread${notBuilt}`, () => {
  it('gives the same octets at both sites, in order, whatever the pieces', async () => {
    const link = await start()
    await link.ready(1000)
    const a = [link.siteA.draw(10), link.siteA.draw(490), link.siteA.draw(500)]
    const b = [link.siteB.draw(700), link.siteB.draw(300)]
    expect(a.map(({ length }) => length)).toEqual([10, 490, 500])
    expect(equalBytes(Buffer.concat(a), Buffer.concat(b))).toBe(true)
    expect([link.siteA.offset, link.siteB.offset]).toEqual([1000, 1000])
  })

  it('gives the same octets again to whoever has its seed, and others without', async () => {
    const draw = async (seed?: Uint8Array): Promise<string> => {
      const link = await start(seed === undefined ? { seed: crypto.getRandomValues(new Uint8Array(32)) } : { seed })
      await link.ready(500)
      return Buffer.from(link.siteB.draw(500)).toString('hex')
    }
    const [first, again, other] = [await draw(SEED), await draw(SEED), await draw()]
    expect(again).toBe(first)
    expect(other).not.toBe(first)
  })

  it('rests while its store is full, and goes on when somebody has drawn from it', async () => {
    const link = await start()
    await expect.poll(() => link.status().state).toBe('resting')
    const { blocks, bufferedBytes } = link.status()
    expect(bufferedBytes.siteA).toBeGreaterThanOrEqual(1000)
    const next = block(link)
    link.siteA.draw(bufferedBytes.siteA)
    // Site B has not drawn: until it has, there is no room.
    expect(link.status().state).toBe('resting')
    link.siteB.draw(bufferedBytes.siteB)
    expect(link.status().state).toBe('working')
    expect((await next).block).toBe(blocks.finished)
  })

  it('shares its octets among pairs of SAEs and gives none twice', async () => {
    const link = await start({ pulsesPerBlock: 400_000, bufferBytes: 2000 })
    await link.ready(2000)
    const pairs = [link.material('a', 'b'), link.material('c', 'd')]
    const drawn = [0, 1, 0, 1, 0].map((i) => Buffer.from(pairs[i]?.draw(100) ?? []).toString('hex'))
    expect(new Set(drawn).size).toBe(5)
    expect([link.siteA.offset, link.siteB.offset]).toEqual([500, 500])
    // Whoever draws greedily leaves the other pair its share.
    const greedy = pairs[0]?.draw(1_000_000).length ?? 0
    expect(pairs[1]?.draw(500)).toHaveLength(500)
    expect(greedy).toBeGreaterThanOrEqual(500)
    link.siteA.draw(1)
    expect(() => pairs[0]?.draw(1)).toThrowError(expect.objectContaining({ code: 'ERR_INVALID_STATE' }))
  })

  it('gives no keys while Eve is there, says why, and recovers when she leaves', async () => {
    const link = await start()
    await link.ready(1)
    const tapped = block(link, ({ eavesdropping }) => eavesdropping === 0.8)
    link.setEavesdropper(0.8)
    const { reason } = await tapped
    expect(reason).toMatchObject({ kind: 'qber', threshold: 0.11 })
    expect(link.siteA.reason).toMatch(
      /^the quantum link gives no keys: QBER 2\d\.\d % is above the threshold of 11\.0 %$/,
    )
    expect(link.status()).toMatchObject({ reason, eavesdropping: 0.8, abortQber: 0.11 })
    // What is in store was made before she came.
    const drawn = link.material('a', 'b')
    const before = link.siteA.available
    expect(drawn.draw(1e6)).toHaveLength(before)
    expect(drawn.draw(1)).toHaveLength(0)
    link.setEavesdropper(0)
    await link.ready(32)
    expect(drawn.reason).toBeNull()
    expect(drawn.draw(32)).toHaveLength(32)
  })

  it('accounts in its status for what it made, set aside and spent', async () => {
    const link = await start()
    await link.ready(1)
    const { netBits, secretBits, siftedBits, authentication, rates, blocks, bufferedBytes } = link.status()
    expect(secretBits).toBe(netBits + authentication.setAsideBits)
    expect(netBits).toBe(8 * bufferedBytes.siteA)
    expect(authentication.spentBits).toBe(384 * blocks.finished)
    expect(authentication.reserveBits).toBe(8 * PSK.length + authentication.setAsideBits - authentication.spentBits)
    const seconds = (blocks.finished * 200_000) / 1e9
    expect(rates).toEqual({ sifted: siftedBits / seconds, secret: secretBits / seconds, net: netBits / seconds })
  })

  it('begins with signatures as well', async () => {
    const provider = defaultProvider()
    const identities = [0, 1].map(() => provider.generateSigningKey('mldsa65') as SigningIdentity['privateKey'])
    const [a, b] = identities as [SigningIdentity['privateKey'], SigningIdentity['privateKey']]
    const publicKey = (privateKey: SigningIdentity['privateKey']) => provider.signingKey(privateKey).publicKey
    const siteA = { privateKey: a, peerPublicKey: publicKey(b) }
    const siteB = { privateKey: b, peerPublicKey: publicKey(a) }
    const link = await start({ authentication: { signatures: { siteA, siteB } } })
    await link.ready(100)
    expect(link.siteA.draw(100)).toEqual(link.siteB.draw(100))
    expect(link.status().authentication).toMatchObject({ spentBits: 0, reserveBits: 6144 })
    const pinnedWrong = await start({
      authentication: { signatures: { siteA: { ...siteA, peerPublicKey: publicKey(a) }, siteB } },
    })
    expect((await block(pinnedWrong)).reason).toEqual({ kind: 'authentication-failed' })
  })

  it('stops for good, with the reason, when it cannot authenticate any more', async () => {
    // A key for one block, and blocks so small that their secret bits do not make a whole key for the next.
    const link = await start({
      authentication: { psk: PSK.subarray(0, 48) },
      pulsesPerBlock: 55_000,
    })
    const outcome = await link.ready(1).catch((error: unknown) => error)
    expect(outcome).toMatchObject({
      code: 'ERR_QKD_EXHAUSTED',
      message: 'the quantum link gives no keys: no bits are left to authenticate the classical channel with',
    })
    expect(link.status().state).toBe('stopped')
  })

  it('tells of its progress', async () => {
    const link = await start({ pulsesPerBlock: 800_000 })
    const stages: string[] = []
    link.on('progress', ({ stage }) => stages.push(stage))
    await link.ready(1)
    expect(stages.slice(0, 2)).toEqual(['transmission', 'transmission'])
    expect(stages).toContain('post-processing')
  })

  it('ends a wait when it is closed or the caller gives up, and refuses what it can never do', async () => {
    const link = await start({ fibre: { lengthKm: 300 } })
    const stop = new AbortController()
    const waits = [link.ready(1), link.ready(1, { signal: stop.signal })].map((wait) =>
      wait.catch(({ code }: { code: string }) => code),
    )
    stop.abort()
    expect(await waits[1]).toBe('ERR_ABORTED')
    await link.close()
    expect(await waits[0]).toBe('ERR_INVALID_STATE')
    await expect(link.ready(5000)).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' })
    expect(() => link.setEavesdropper(1.5)).toThrowError(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }))
    for (const options of [
      { pulsesPerBlock: 1 },
      { pulsesPerBlock: 1e13 },
      { bufferBytes: 0 },
      { seed: new Uint8Array(15) },
      { authentication: { psk: new Uint8Array(47) } },
    ]) {
      await expect(start(options)).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' })
    }
  })

  it('keeps a process alive while somebody waits for keys, and no longer', async () => {
    const program = (last: string) => `
      import { createBb84Link } from ${JSON.stringify(BUILT)}
      const link = createBb84Link({ fibre: { lengthKm: 10 }, pulsesPerBlock: 4e6, authentication: { psk: new Uint8Array(96) } })
      ${last}`
    expect(await runNode(program('console.log("idle")'))).toEqual({ code: 0, stdout: 'idle\n' })
    const waits = program('await link.ready(1); console.log(link.siteA.draw(1).length)')
    expect(await runNode(waits)).toEqual({ code: 0, stdout: '1\n' })
  })
})

describe('taps', () => {
  it('wipe what they gave and what they are told to forget', () => {
    const [first, second] = [new Uint8Array(10).fill(1), new Uint8Array(10).fill(2)]
    const tap = new KeyTap(
      () => null,
      () => undefined,
    )
    tap.fill(first)
    tap.fill(second)
    expect(tap.draw(15)).toEqual(Uint8Array.of(...new Array(10).fill(1), ...new Array(5).fill(2)))
    expect(first).toEqual(new Uint8Array(10))
    expect(second).toEqual(Uint8Array.of(0, 0, 0, 0, 0, 2, 2, 2, 2, 2))
    tap.wipe()
    expect(second).toEqual(new Uint8Array(10))
    expect(tap.draw(1)).toHaveLength(0)
  })

  it('that hold different octets give none', () => {
    const tap = () =>
      new KeyTap(
        () => null,
        () => undefined,
      )
    const [a, b] = [tap(), tap()]
    a.fill(new Uint8Array(10))
    b.fill(new Uint8Array(10).fill(1))
    expect(() => new SharedTaps(a, b).taker().draw(5)).toThrowError(expect.objectContaining({ code: 'ERR_INTERNAL' }))
  })
})
