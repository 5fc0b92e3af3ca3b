/**
 * The traces with the PSKs of our sockets in place of those that the runner makes: what is published is what Trefoil's
 * servers and clients do, key source, policy and all, down to the octets and the codes of refusals.
 */
import { beforeEach, describe, expect, it } from 'vitest'
import { remembering } from '../../../scripts/lib/vectors/remembering.mjs'
import { fromHex } from '../../../src/bytes.js'
import { HYBRID_GROUPS, nodeProvider } from '../../../src/crypto/index.js'
import { TrefoilError } from '../../../src/errors.js'
import {
  type ClientPskOptions,
  createClientPsks,
  createServerPsks,
  type PskOption,
  type PskOptions,
} from '../../../src/node/psk/index.js'
import { forgetWarnings } from '../../../src/node/psk/pskWarnings.js'
import type { KeySource } from '../../../src/qkd/index.js'
import { Endpoint } from '../../../src/vectors/own/replay/endpoint.js'
import type { ImportedInput, PskInput, Role, Trace, TraceFile } from '../../../src/vectors/own/trace.js'
import { traceFiles } from './files.js'

const crypto = remembering(nodeProvider)

/** Those whose PSKs are no tickets, since the form of our tickets is not published. */
const traces = traceFiles().flatMap(({ document }) =>
  document.traces
    .filter(
      ({ inputs, resumes }) => resumes === undefined && inputs.server.psks.every(({ type }) => type !== 'resumption'),
    )
    .map((trace) => ({ id: trace.id, trace, identities: document.identities })),
)
/** What a PSK is made of does not depend on the group: of the plain traces of a mode those of the classical ones will do. */
const completed = traces.filter(
  ({ id, trace }) =>
    trace.result.ok && trace.inputs.client.psks.length > 0 && !HYBRID_GROUPS.some((group) => id.includes(group)),
)
/** In the handshake itself. */
const refused = traces.filter(
  ({ trace }) => !trace.result.ok && trace.result.refusedBy === 'server' && trace.inputs.actions.length === 0,
)

// One process is both ends here, and would be warned of it.
beforeEach(forgetWarnings)

describe('our own servers', () => {
  it.each(completed)('answer as published: $id', async ({ trace, identities }) => {
    const { flow, inputs } = trace
    const server = serverEndpoint(trace, identities)
    const flight = flow.findIndex(({ from, epoch }) => from === 'client' && epoch === 'handshake')
    const before = flow.slice(0, flight).filter(({ contentType }) => contentType !== 'change_cipher_spec')
    await feed(server, before, 'server')
    expect(server.error).toBeNull()
    const recorded = before.filter(({ from }) => from === 'server').map(({ record }) => record)
    expect(server.records.filter((record) => !record.startsWith('14'))).toEqual(recorded)
    expect(inputs.server.psks.length).toBeGreaterThan(0)
  })

  it.each(refused)('refuse as published: $id', async ({ trace, identities }) => {
    const server = serverEndpoint(trace, identities)
    await feed(server, trace.flow, 'server')
    expect(server.error).toMatchObject(
      trace.result.ok ? {} : { code: trace.result.error, alert: trace.result.alertName },
    )
  })
})

describe('our own clients', () => {
  it.each(completed)('offer as published: $id', async ({ trace, identities }) => {
    const { inputs } = trace
    const client = new Endpoint(crypto, identities, inputs, 'client', undefined, {
      offerPsks: createClientPsks(clientOptions(trace), crypto).handlers.offerPsks,
    })
    client.start()
    await expect.poll(() => client.records.length).toBeGreaterThan(0)
    expect(client.records[0]).toBe(trace.flow[0]?.record)
  })
})

function serverEndpoint({ inputs }: Trace, identities: TraceFile['identities']): Endpoint {
  const { handlers } = createServerPsks(serverOptions(inputs.server), crypto, null).forConnection()
  const { selectPsk, fetchPsk } = handlers
  return new Endpoint(crypto, identities, inputs, 'server', undefined, { selectPsk, fetchPsk })
}

/** Record by record; before the next one of the peer's, all of its own have gone out. */
async function feed(endpoint: Endpoint, flow: Trace['flow'], role: Role): Promise<void> {
  endpoint.start()
  let own = 0
  for (const { from, contentType, record } of flow) {
    if (from !== role) endpoint.receive(record)
    else if (contentType !== 'change_cipher_spec') {
      own++
      const sent = () => endpoint.records.filter((octets) => !octets.startsWith('14')).length
      await expect.poll(() => sent() >= own || endpoint.error !== null, { interval: 1 }).toBe(true)
    }
  }
}

function serverOptions({ psks, identity, withCertificate, pskRequired }: Trace['inputs']['server']): PskOptions {
  const first = psks.find((psk) => psk.type === 'imported' && psk.qkdKey !== undefined) as ImportedInput | undefined
  return {
    ...pskOptions(psks, 'server'),
    ...(first === undefined ? {} : { qkd: qkdOption(first, 'server', pskRequired === 'qkd') }),
    certificates: identity !== undefined,
    pskWithCertificate: withCertificate,
    tickets: false,
  }
}

function clientOptions({ inputs }: Trace): ClientPskOptions {
  const { psks, trusts, withCertificate, pskRequired } = inputs.client
  const first = psks.find((psk) => psk.type === 'imported' && psk.qkdKey !== undefined) as ImportedInput | undefined
  const alone = psks.every((psk) => psk.type === 'imported' && psk.qkdKey !== undefined)
  return {
    ...pskOptions(psks, 'client'),
    ...(first === undefined ? {} : { qkd: qkdOption(first, 'client', pskRequired && alone) }),
    certificates: trusts !== undefined,
    pskWithCertificate: withCertificate,
  }
}

function pskOptions(psks: readonly PskInput[], role: Role): Pick<PskOptions, 'psk'> {
  const options = psks.flatMap((psk): PskOption[] => {
    if (psk.type === 'external') {
      return [{ identity: fromHex(psk.identity), key: fromHex(psk.psk), importer: false, hash: psk.hash }]
    }
    if (psk.type === 'resumption' || psk.authPsk === undefined || psk.authPskIdentity === undefined) return []
    const { authPskIdentity: identity, authPsk, epskHash: hash, context, qkdKey } = psk
    const { initiatorSaeId, responderSaeId } = qkdKey === undefined ? psk : {}
    const names = role === 'client' ? [initiatorSaeId, responderSaeId] : [responderSaeId, initiatorSaeId]
    return [
      {
        identity,
        key: fromHex(authPsk),
        hash,
        ...(context === undefined ? {} : { context: fromHex(context) }),
        ...(names[0] === undefined ? {} : { localId: names[0], peerId: names[1] }),
      },
    ]
  })
  if (options.length === 0) return {}
  // With a QKD key one auth PSK is enough: it goes into the combination, and stands by itself.
  return { psk: [...new Map(options.map((option) => [String(option.identity), option])).values()] }
}

function qkdOption(input: ImportedInput, role: Role, require: boolean): NonNullable<PskOptions['qkd']> {
  const { initiatorSaeId = '', responderSaeId = '', epskHash } = input
  const [localSaeId, peerSaeId] =
    role === 'client' ? [initiatorSaeId, responderSaeId] : [responderSaeId, initiatorSaeId]
  return { source: sourceOf(input), localSaeId, peerSaeId, policy: require ? 'require' : 'prefer', hash: epskHash }
}

/** Has the one key. */
function sourceOf({ keySourceName = '', keyId = '', qkdKey = '' }: ImportedInput): KeySource {
  const key = async () => ({ keyId, key: fromHex(qkdKey) })
  return {
    name: keySourceName,
    getKey: key,
    getKeyWithId: (_, asked) =>
      asked === keyId ? key() : Promise.reject(new TrefoilError('ERR_QKD_KEY_NOT_FOUND', 'there is no such key')),
    status: () => Promise.reject(new TrefoilError('ERR_QKD_REFUSED', 'not asked for here')),
  }
}
