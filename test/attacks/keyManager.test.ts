/**
 * The attacker is on the way between an end and its key manager, where he can keep keys away or offer some of his own.
 * Under `require` there is no session then; under `prefer` there is one without QKD, and both ends say so.
 */
import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Etsi014KeySource } from '../../src/qkd/index.js'
import { createKeyManagerPair } from '../../src/qkd/index.js'
import { ca, serverIdentity } from '../modes/identities.js'
import { useLink } from '../modes/link.js'
import { saeA, saeB } from '../support/kme.js'
import { createTestAuthority } from '../support/kmeCertificates.js'
import { confront, SAID } from './confront.js'
import { flipped } from './editing.js'
import { type Attacker, startRelay } from './manInTheMiddle.js'

const link = useLink()
/** The attacker's key managers: of the right names, with certificates of his own CA. */
let impostors: { readonly A: number; readonly B: number }

beforeAll(async () => {
  const { issue, ca: trusted } = createTestAuthority('Mallory KME CA')
  const managed = (kmeId: string, sae: string) => ({ kmeId, sae: [sae], tls: { ...issue(kmeId), ca: trusted } })
  const { a, b } = createKeyManagerPair({
    siteA: managed('KME-A', saeA),
    siteB: managed('KME-B', saeB),
    random: (length) => randomBytes(length),
  })
  impostors = { A: portOf((await a.listen(0)).url), B: portOf((await b.listen(0)).url) }
  return () => Promise.all([a.close(), b.close()])
})

/** What the end says whose key manager cannot be asked: no octet of the attacker's was taken for a key. */
const UNREACHABLE = 'ERR_QKD_UNREACHABLE'

const portOf = (url: string): number => Number(new URL(url).port)

interface Attack {
  readonly attack: string
  /** Where a line that should lead to that site's key manager leads, and what happens on it. */
  readonly line: (site: 'A' | 'B', honest: number) => readonly [target: number, begin: () => Attacker]
}

const ATTACKS: readonly Attack[] = [
  {
    attack: 'cuts the line',
    line: (_, honest) => [
      honest,
      () => (_passing, line) => {
        line.cut()
        return null
      },
    ],
  },
  {
    attack: 'changes a bit of what the key manager says',
    line: (_, honest) => [
      honest,
      () =>
        ({ from, record }) =>
          from === 'server' ? flipped(record) : record,
    ],
  },
  {
    attack: 'is the key manager, with a certificate of its own CA',
    line: (site) => [
      impostors[site],
      () =>
        ({ record }) =>
          record,
    ],
  },
]

/** A key source whose way to its key manager leads through the attacker; that of the other end does not. */
async function attacked(site: 'A' | 'B', { line }: Attack): Promise<{ source: Etsi014KeySource; reached(): number }> {
  const relay = await startRelay(...line(site, portOf(site === 'A' ? link.managers.urlA : link.managers.urlB)))
  closing.push(relay)
  const source = link.managers.source(site, { url: `https://127.0.0.1:${relay.port}` })
  return { source, reached: () => relay.reached }
}
const closing: { close(): void }[] = []
beforeAll(() => () => {
  for (const relay of closing) relay.close()
})

const ends = [
  { end: 'client', site: 'A' },
  { end: 'server', site: 'B' },
] as const

describe.each(ATTACKS.map((attack) => [attack.attack, attack] as const))('the attacker %s', (_, attack) => {
  it.each(ends)('at the $end: under `require` there is no session', async ({ end, site }) => {
    const { source, reached } = await attacked(site, attack)
    const { client, server } = await confront({
      server: { ...serverIdentity, qkd: link.server(end === 'server' ? { source } : {}) },
      client: { ca, qkd: link.client(end === 'client' ? { source } : {}) },
    })
    expect({ client, server }[end]?.end).toEqual([UNREACHABLE, 'internal_error'])
    expect([client.received, server?.received]).toEqual(['', ''])
    expect(reached()).toBeGreaterThan(0)
  })

  it.each(ends)('at the $end: under `prefer` both go on without QKD, and know it', async ({ end, site }) => {
    const { source } = await attacked(site, attack)
    const prefer = { policy: 'prefer' } as const
    const told: string[] = []
    const { client, server } = await confront({
      server: {
        ...serverIdentity,
        qkd: link.server({ ...prefer, ...(end === 'server' && { source }) }),
        onQkdFallback: ({ code }) => told.push(`server ${code}`),
      },
      client: {
        ca,
        qkd: link.client({ ...prefer, ...(end === 'client' && { source }) }),
        onQkdFallback: ({ code }) => told.push(`client ${code}`),
      },
    })
    expect(told).toEqual([`${end} ${UNREACHABLE}`])
    expect([client.received, server?.received]).toEqual([SAID.server, SAID.client])
    for (const protection of [client.protection, server?.protection]) {
      expect(protection).toMatchObject({ qkd: null, freshQkdAt: null, keyExchange: { mlkem: 'ML-KEM-768' } })
    }
  })
})

it('while nobody does anything on that way, the key enters', async () => {
  const listening: Attack = {
    attack: 'listens',
    line: (_, honest) => [
      honest,
      () =>
        ({ record }) =>
          record,
    ],
  }
  const [a, b] = [await attacked('A', listening), await attacked('B', listening)]
  const { client, server } = await confront({
    server: { ...serverIdentity, qkd: link.server({ source: b.source }) },
    client: { ca, qkd: link.client({ source: a.source }) },
  })
  expect([client.received, server?.received]).toEqual([SAID.server, SAID.client])
  expect(client.protection?.qkd?.keyId).toBe(server?.protection?.qkd?.keyId)
  expect(client.protection?.qkd).not.toBeNull()
})
