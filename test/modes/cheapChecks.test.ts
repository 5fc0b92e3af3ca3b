/** What a server finds wrong in a ClientHello by itself costs its key manager no call. */
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { createSecureContext, type ErrorCode, type ServerOptions, type TrefoilError } from '../../src/index.js'
import { encodeApplicationProtocols } from '../../src/tls/extensions/applicationProtocols.js'
import { encodeCodePoints } from '../../src/tls/extensions/codePointList.js'
import { decodeClientKeyShares, encodeClientKeyShares } from '../../src/tls/extensions/keyShare.js'
import { decodeOfferedPsks, encodeOfferedPsks } from '../../src/tls/extensions/preSharedKey.js'
import { encodeServerName } from '../../src/tls/extensions/serverName.js'
import type { ClientHello } from '../../src/tls/messages/clientHello.js'
import {
  decodeImportedIdentity,
  encodeImportedIdentity,
  type ImportedIdentity,
} from '../../src/tls/psk/importedIdentity.js'
import {
  decodeImporterContext,
  encodeImporterContext,
  type ImporterContext,
} from '../../src/tls/psk/importerContext.js'
import { editFirstFlight, recordFirstFlight } from '../support/firstFlight.js'
import { extensionData, having, without } from '../support/hellos.js'
import { type Listening, listen, tcp } from './ends.js'
import { ca, psk, serverIdentity } from './identities.js'
import { useLink } from './link.js'

const link = useLink()

type Edit = (hello: ClientHello) => ClientHello

const identities = (edit: (identity: Uint8Array) => Uint8Array): Edit => {
  return (hello) => {
    const offered = decodeOfferedPsks(extensionData(hello, 'pre_shared_key'))
    const changed = offered.identities.map((each) => ({ ...each, identity: edit(each.identity) }))
    return having(hello, 'pre_shared_key', encodeOfferedPsks({ ...offered, identities: changed }))
  }
}
const imported = (edit: (identity: ImportedIdentity) => Partial<ImportedIdentity>): Edit => {
  return identities((octets) => {
    const identity = decodeImportedIdentity(octets)
    return encodeImportedIdentity({ ...identity, ...edit(identity) })
  })
}
const inContext = (change: Partial<ImporterContext>): Edit => {
  return imported(({ context }) => ({
    context: encodeImporterContext({ ...decodeImporterContext(context), ...change }),
  }))
}
const keyId = (text: string): Edit => imported(() => ({ externalIdentity: Buffer.from(text) }))
const keyShare = (edit: (share: Uint8Array) => Uint8Array): Edit => {
  return (hello) => {
    const shares = decodeClientKeyShares(extensionData(hello, 'key_share'))
    const changed = shares.map((share) => ({ ...share, keyExchange: edit(share.keyExchange) }))
    return having(hello, 'key_share', encodeClientKeyShares(changed))
  }
}
const binders = (edit: (binder: Uint8Array) => Uint8Array): Edit => {
  return (hello) => {
    const offered = decodeOfferedPsks(extensionData(hello, 'pre_shared_key'))
    return having(hello, 'pre_shared_key', encodeOfferedPsks({ ...offered, binders: offered.binders.map(edit) }))
  }
}
const list = (name: 'supported_groups' | 'signature_algorithms', codePoints: readonly number[]): Edit => {
  return (hello) => having(hello, name, encodeCodePoints(2, codePoints))
}

/** What is wrong, and what the server says of it: with a certificate, and with an auth PSK. */
const WRONG: readonly [string, Edit, ErrorCode, ErrorCode?][] = [
  ['an identity that is none of the importer', identities(() => Buffer.from('key-1')), 'ERR_POLICY_QKD_REQUIRED'],
  ['an identity of another kind', inContext({ kind: 'psk' }), 'ERR_POLICY_QKD_REQUIRED'],
  ['another key source', inContext({ keySourceName: 'another' }), 'ERR_POLICY_QKD_REQUIRED'],
  ['an SAE as client that is not accepted', inContext({ initiatorSaeId: 'sae-carol' }), 'ERR_POLICY_QKD_REQUIRED'],
  ['another SAE as server', inContext({ responderSaeId: 'sae-carol' }), 'ERR_POLICY_QKD_REQUIRED'],
  [
    'the SAEs in each other’s place',
    inContext({ initiatorSaeId: 'sae-bob', responderSaeId: 'sae-alice' }),
    'ERR_POLICY_QKD_REQUIRED',
  ],
  ['another auth PSK', inContext({ authPskIdentity: Buffer.from('branch-18') }), 'ERR_POLICY_QKD_REQUIRED'],
  [
    'a context that is cut off',
    imported(({ context }) => ({ context: context.slice(0, -1) })),
    'ERR_POLICY_QKD_REQUIRED',
  ],
  ['an identity for another protocol', imported(() => ({ targetProtocol: 0x0303 })), 'ERR_POLICY_QKD_REQUIRED'],
  ['an identity for a KDF that nobody knows', imported(() => ({ targetKdf: 0x7777 })), 'ERR_POLICY_QKD_REQUIRED'],
  ['a key_ID with a control character', keyId('key\n1'), 'ERR_POLICY_QKD_REQUIRED'],
  ['a key_ID that is too long', keyId('k'.repeat(257)), 'ERR_POLICY_QKD_REQUIRED'],
  [
    'a key_ID that is not UTF-8',
    imported(() => ({ externalIdentity: Uint8Array.of(0xff) })),
    'ERR_POLICY_QKD_REQUIRED',
  ],
  [
    'no pre-shared key at all',
    (hello) => without(hello, 'pre_shared_key', 'tls_cert_with_extern_psk'),
    'ERR_POLICY_QKD_REQUIRED',
    'ERR_MISSING_EXTENSION',
  ],
  ['no psk_key_exchange_modes', (hello) => without(hello, 'psk_key_exchange_modes'), 'ERR_MISSING_EXTENSION'],
  ['a binder that is too short for any hash', binders((binder) => binder.slice(0, 31)), 'ERR_DECODE'],
  [
    'a binder that is too long for its hash',
    binders((binder) => Uint8Array.of(...binder, 0)),
    'ERR_BAD_BINDER_WITH_CERTIFICATE',
    'ERR_BAD_BINDER',
  ],
  [
    'an X25519 share of small order',
    keyShare((share) => share.map((octet, i) => (i < 1184 ? octet : 0))),
    'ERR_BAD_KEY_SHARE',
  ],
  [
    'an ML-KEM key that is none',
    keyShare((share) => share.map((octet, i) => (i < 1184 ? 0xff : octet))),
    'ERR_BAD_KEY_SHARE',
  ],
  ['a key share that is too short', keyShare((share) => share.slice(1)), 'ERR_DECODE'],
  [
    'no group in common',
    (hello) => having(list('supported_groups', [0x1d])(hello), 'key_share', encodeClientKeyShares([])),
    'ERR_NO_COMMON_GROUP',
  ],
  ['no cipher suite in common', (hello) => ({ ...hello, cipherSuites: [0x1304] }), 'ERR_NO_COMMON_CIPHER_SUITE'],
  [
    'an older version',
    (hello) => having(hello, 'supported_versions', encodeCodePoints(1, [0x0303])),
    'ERR_PROTOCOL_VERSION',
  ],
  ['a compression method', (hello) => ({ ...hello, compressionMethods: Uint8Array.of(0, 1) }), 'ERR_ILLEGAL_PARAMETER'],
  [
    'no application protocol in common',
    (hello) => having(hello, 'application_layer_protocol_negotiation', encodeApplicationProtocols(['h3'])),
    'ERR_NO_APPLICATION_PROTOCOL',
  ],
]

/** Wrong only where there is a certificate. */
const WRONG_FOR_CERTIFICATES: readonly [string, Edit, ErrorCode][] = [
  [
    'a server name that has no certificate',
    (hello) => having(hello, 'server_name', encodeServerName('other.test')),
    'ERR_UNRECOGNIZED_NAME',
  ],
  ['signature schemes without ours', list('signature_algorithms', [0x0905, 0x0906]), 'ERR_NO_COMMON_SIGNATURE_SCHEME'],
  [
    'no wish for a certificate beside the PSK',
    (hello) => without(hello, 'tls_cert_with_extern_psk'),
    'ERR_POLICY_QKD_REQUIRED',
  ],
]

const SETTINGS = [
  {
    mode: 'certificate + QKD',
    common: { ALPNProtocols: ['h2'] },
    server: {
      ...serverIdentity,
      SNICallback: (name, callback) => {
        if (name === 'bank.test') callback(null, createSecureContext(serverIdentity))
        else callback(new Error('not here'))
      },
    } satisfies ServerOptions as ServerOptions,
    client: { ca, servername: 'bank.test' },
    wrong: [...WRONG, ...WRONG_FOR_CERTIFICATES].map(([title, edit, code]) => ({ title, edit, code })),
  },
  {
    mode: 'psk + QKD',
    common: { ALPNProtocols: ['h2'], psk },
    server: {} as ServerOptions,
    client: {},
    wrong: WRONG.map(([title, edit, code, otherwise]) => {
      const unknown = code === 'ERR_POLICY_QKD_REQUIRED' ? 'ERR_UNKNOWN_PSK_IDENTITY' : code
      return { title, edit, code: otherwise ?? unknown }
    }),
  },
]

describe.each(SETTINGS)('$mode: a server asks no key manager for a hello with', ({ common, server, client, wrong }) => {
  const send = async (listening: Listening, edit: Edit): Promise<ErrorCode> => {
    const flight = await recordFirstFlight({ ...common, ...client, qkd: link.client() })
    const told = once(listening.server, 'tlsClientError')
    const socket = tcp(listening.port)
    socket.resume().write(editFirstFlight(flight, edit))
    const [error] = (await told) as [TrefoilError]
    socket.destroy()
    return error.code
  }

  it.each(wrong)('$title', async ({ edit, code }) => {
    const listening = await listen({ ...common, ...server, qkd: link.server() })
    expect(await send(listening, edit)).toBe(code)
    expect(link.calls().server).toEqual({ enc: 0, dec: 0 })
    expect(listening.server.keyLookups.asked).toBe(0)
  })

  it('nothing wrong but its binder, which it does ask for, once', async () => {
    const listening = await listen({ ...common, ...server, qkd: link.server() })
    const spoilt = await send(
      listening,
      binders((binder) => binder.map((octet) => octet ^ 1)),
    )
    expect(spoilt).toMatch(/^ERR_BAD_BINDER/)
    expect(link.calls().server).toEqual({ enc: 0, dec: 1 })
    expect(listening.server.keyLookups).toMatchObject({ asked: 1, found: 1 })
  })
})
