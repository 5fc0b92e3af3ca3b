import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TrefoilError } from '../../../src/errors.js'
import { Connection } from '../../../src/tls/index.js'
import {
  cheap,
  cheapClient,
  cheapServer,
  clientHandlers,
  ed25519Credential,
  knowing,
  offering,
  PSK,
  serverHandlers,
} from '../../support/attack.js'
import { Endpoint, makePair, type Pair, type PairOptions } from '../../support/pair.js'

/** TREFOIL_FUZZ=100 looks a hundred times longer. */
const LONGER = Number(process.env['TREFOIL_FUZZ'] ?? 1)

/** What is done to the octets on their way. Positions are fractions, as lengths are not known beforehand. */
type Change =
  | { readonly kind: 'flip'; readonly at: number; readonly bit: number }
  | { readonly kind: 'cut'; readonly at: number }
  | { readonly kind: 'drop'; readonly at: number; readonly length: number }
  | { readonly kind: 'double'; readonly at: number; readonly length: number }
  | { readonly kind: 'insert'; readonly at: number; readonly octets: Uint8Array }
  | { readonly kind: 'reorder' }
  | { readonly kind: 'none' }

const at = fc.integer({ min: 0, max: 999_999 }).map((n) => n / 1_000_000)
const length = fc.integer({ min: 1, max: 64 })
const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('flip' as const), at, bit: fc.nat(7) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut' as const), at }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('drop' as const), at, length }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('double' as const), at, length }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('insert' as const),
      at,
      octets: fc.uint8Array({ minLength: 1, maxLength: 40 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'reorder' as const }) },
)
/** Per flight of one side: most are left alone, so that later ones are reached. */
const changes = fc.array(
  fc.oneof({ weight: 2, arbitrary: fc.constant<Change>({ kind: 'none' }) }, { weight: 1, arbitrary: change }),
  {
    minLength: 1,
    maxLength: 4,
  },
)

const RAW_SERVER = { serverCertificateTypes: ['RawPublicKey', 'X509'] } as const

const FLOWS: readonly (readonly [string, PairOptions])[] = [
  ['by certificate', cheap()],
  ['by pre-shared key', cheap({ clientHandlers: offering([PSK]), serverHandlers: knowing([PSK]) })],
  [
    'by both, over a retry, with mutual certificates',
    cheap({
      server: { clientCertificate: 'require', alwaysRetry: true, cookieKey: new Uint8Array(32) },
      clientHandlers: { ...offering([PSK], { withCertificate: true }), selectCertificate: () => ed25519Credential },
      serverHandlers: { ...knowing([PSK]), sealTicket: () => Uint8Array.of(1, 2, 3) },
    }),
  ],
  [
    'by raw public keys both ways',
    cheap({
      client: { clientCertificateTypes: ['RawPublicKey', 'X509'], serverCertificateTypes: ['RawPublicKey'] },
      server: { clientCertificate: 'require', clientCertificateTypes: ['RawPublicKey'], ...RAW_SERVER },
      clientHandlers: { selectCertificate: () => ed25519Credential },
    }),
  ],
]

describe.each(FLOWS)('a handshake %s whose octets are changed on the way', (_title, options) => {
  it('ends in refusals alone, or completes with one view on both sides', () => {
    let refused = 0
    fc.assert(
      fc.property(changes, changes, (toServer, toClient) => {
        const pair = run(options, mutator(toServer), mutator(toClient))
        expectOneView(pair)
        if (pair.client.error !== null || pair.server.error !== null) refused++
      }),
      { numRuns: 400 * LONGER },
    )
    expect(refused).toBeGreaterThan(100)
  })
})

describe('a connection that gets octets which follow no rule', () => {
  const octets = fc.uint8Array({ minLength: 1, maxLength: 300 })
  /** Random octets in real records, so that they get further. */
  const records = fc
    .array(fc.record({ type: fc.integer({ min: 20, max: 23 }), content: fc.uint8Array({ maxLength: 60 }) }), {
      maxLength: 6,
    })
    .map((list) =>
      Buffer.concat(list.flatMap(({ type, content }) => [Buffer.of(type, 3, 3, 0, content.length), content])),
    )
  /** Random bodies under a real message header. */
  const messages = fc
    .record({ type: fc.constantFrom(1, 2, 4, 8, 11, 13, 15, 20, 24), body: fc.uint8Array({ maxLength: 200 }) })
    .map(({ type, body }) => Buffer.concat([Buffer.of(22, 3, 3, 0, body.length + 4, type, 0, 0, body.length), body]))

  it('reports refusals alone, and ends by the end of its input at the latest', () => {
    fc.assert(
      fc.property(fc.oneof(octets, records, messages), fc.constantFrom('client', 'server'), (bytes, role) => {
        const endpoint = alone(role as 'client' | 'server')
        endpoint.driver.start()
        endpoint.driver.receive(Uint8Array.from(bytes))
        endpoint.driver.endOfInput()
        expect(endpoint.error).toBeInstanceOf(TrefoilError)
        expect(endpoint.error?.code).not.toBe('ERR_INTERNAL')
        expect(endpoint.count('error')).toBe(1)
      }),
      { numRuns: 1500 * LONGER },
    )
  })
})

describe('a connected pair whose records are changed on the way', () => {
  it('delivers a beginning of what was sent, and then a refusal', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { minLength: 1, maxLength: 6 }),
        changes,
        (writes, list) => {
          let mutate = (bytes: Uint8Array): readonly Uint8Array[] => [bytes]
          const pair = run(
            cheap({ clientHandlers: offering([PSK]), serverHandlers: knowing([PSK]) }),
            (bytes) => mutate(bytes),
            (bytes) => [bytes],
          )
          mutate = mutator(list)
          for (const data of writes) {
            if (pair.client.error === null) pair.client.driver.send(data)
          }
          pair.server.driver.endOfInput()
          const sent = Buffer.concat(writes)
          expect(sent.subarray(0, pair.server.data.length).equals(Buffer.from(pair.server.data))).toBe(true)
          expect(['ERR_TRUNCATED', 'ERR_BAD_RECORD_MAC', 'ERR_UNEXPECTED_MESSAGE', 'ERR_RECORD_OVERFLOW']).toContain(
            pair.server.error?.code,
          )
        },
      ),
      { numRuns: 300 * LONGER },
    )
  })
})

/** The handshake runs synchronously: whatever would hang shows as no result at all. */
function run(options: PairOptions, toServer: PairOptions['toServer'], toClient: PairOptions['toClient']): Pair {
  const pair = makePair({
    ...options,
    ...(toServer !== undefined && { toServer }),
    ...(toClient !== undefined && { toClient }),
  })
  pair.server.driver.start()
  pair.client.driver.start()
  return pair
}

function expectOneView({ client, server }: Pair): void {
  for (const { error, events } of [client, server]) {
    // ERR_INTERNAL would be an exception that nobody foresaw.
    if (error !== null) expect([error instanceof TrefoilError, error.code === 'ERR_INTERNAL']).toEqual([true, false])
    expect(events.filter(({ type }) => type === 'error').length).toBeLessThanOrEqual(1)
  }
  if (client.summary === null || server.summary === null) return
  const view = ({ summary }: Endpoint) => {
    const { cipherSuite, group, psk, serverName, helloRetryRequest } = summary as NonNullable<typeof summary>
    return {
      cipherSuite,
      group,
      psk: psk && [psk.kind, [...psk.identity], psk.withCertificate],
      serverName,
      helloRetryRequest,
    }
  }
  expect(view(client)).toEqual(view(server))
  expect(client.summary.peerCertificateChain).toEqual(server.summary.localCertificateChain)
  expect(server.summary.peerCertificateChain).toEqual(client.summary.localCertificateChain)
}

function alone(role: 'client' | 'server'): Endpoint {
  return role === 'client'
    ? new Endpoint(Connection.client(cheapClient()), clientHandlers())
    : new Endpoint(Connection.server(cheapServer()), serverHandlers())
}

/** Applies one change to each flight; the flights beyond the list go through. */
function mutator(list: readonly Change[]): (bytes: Uint8Array) => readonly Uint8Array[] {
  let flight = 0
  return (bytes) => apply(list[flight++] ?? { kind: 'none' }, bytes)
}

function apply(what: Change, bytes: Uint8Array): readonly Uint8Array[] {
  if (what.kind === 'none') return [bytes]
  if (what.kind === 'reorder') return splitRecords(bytes).reverse()
  const position = Math.floor(what.at * bytes.length)
  const [head, tail] = [bytes.slice(0, position), bytes.slice(position)]
  switch (what.kind) {
    case 'flip':
      return [bytes.with(position, (bytes[position] as number) ^ (1 << what.bit))]
    case 'cut':
      return position === 0 ? [] : [head]
    case 'drop':
      return [head, tail.subarray(what.length)]
    case 'double':
      return [head, tail.slice(0, what.length), tail]
    case 'insert':
      return [head, what.octets, tail]
  }
}

function splitRecords(bytes: Uint8Array): Uint8Array[] {
  const records: Uint8Array[] = []
  for (let start = 0; start < bytes.length; ) {
    const end = start + 5 + (((bytes[start + 3] as number) << 8) | (bytes[start + 4] as number))
    records.push(bytes.slice(start, end))
    start = end
  }
  return records
}
