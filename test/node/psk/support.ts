/** A key source in memory that keeps a record, and the core's requests as it would make them. */
import { equalBytes, utf8 } from '../../../src/bytes.js'
import type { CipherSuiteName } from '../../../src/crypto/cipherSuites.js'
import { nobleProvider } from '../../../src/crypto/noble/index.js'
import { nodeProvider } from '../../../src/crypto/node/index.js'
import type { CryptoProvider } from '../../../src/crypto/provider.js'
import { TrefoilError } from '../../../src/errors.js'
import { type ClientPskOptions, createClientPsks } from '../../../src/node/psk/clientPsks.js'
import type { PskOption, QkdOption } from '../../../src/node/psk/options.js'
import type { ServerConnectionPsks, ServerPskOptions } from '../../../src/node/psk/serverPskOptions.js'
import { createServerPsks } from '../../../src/node/psk/serverPsks.js'
import type { TicketKeys } from '../../../src/node/psk/ticketKeys.js'
import type { KeySource, QkdKey } from '../../../src/qkd/keySource.js'
import {
  alternativesOf,
  type OfferPsksRequest,
  type PskOffer,
  type PskSelection,
  type SelectPskRequest,
} from '../../../src/tls/requests.js'

export interface RecordedCall {
  readonly method: 'getKey' | 'getKeyWithId'
  readonly peerSaeId: string
  readonly keyId?: string
}

export interface RecordingSource extends KeySource {
  readonly calls: RecordedCall[]
  /** Everything handed out, to see whether it was wiped. */
  readonly delivered: QkdKey[]
  /** Thrown instead of giving a key. */
  failure: unknown
  /** Changes a key on its way out. */
  change: (key: QkdKey) => QkdKey
}

/** Sources for any SAE on one link; a key is there for the two SAEs it was made for, once each. */
export function memoryLink(name = 'kms'): (saeId: string) => RecordingSource {
  const waiting = new Map<string, Uint8Array>()
  let count = 0
  return (saeId) => {
    const give = (source: RecordingSource, key: QkdKey): QkdKey => {
      const given = source.change(key)
      source.delivered.push(given)
      return given
    }
    return {
      name,
      calls: [],
      delivered: [],
      failure: null,
      change: (key) => key,
      async getKey(peerSaeId) {
        this.calls.push({ method: 'getKey', peerSaeId })
        if (this.failure !== null) throw this.failure
        const key = nobleProvider.randomBytes(32)
        const keyId = `key-${++count}`
        waiting.set([saeId, peerSaeId, keyId].join(), key.slice())
        return give(this, { keyId, key })
      },
      async getKeyWithId(peerSaeId, keyId) {
        this.calls.push({ method: 'getKeyWithId', peerSaeId, keyId })
        if (this.failure !== null) throw this.failure
        const place = [peerSaeId, saeId, keyId].join()
        const key = waiting.get(place)
        if (key === undefined) throw new TrefoilError('ERR_QKD_KEY_NOT_FOUND', 'no such key')
        waiting.delete(place)
        return give(this, { keyId, key })
      },
      async status() {
        throw new TrefoilError('ERR_QKD_REFUSED', 'not asked for in these tests')
      },
    }
  }
}

export const CRYPTO: CryptoProvider = nodeProvider
export const SUITES: readonly CipherSuiteName[] = ['TLS_AES_256_GCM_SHA384', 'TLS_AES_128_GCM_SHA256']
export const KEY_DOWN = new TrefoilError('ERR_QKD_UNREACHABLE', 'key source is down')

type OneKey = PskOption & { readonly key: Uint8Array }

export const psk = (identity = 'link-1', more: Partial<OneKey> = {}): OneKey => ({
  identity,
  key: CRYPTO.hash('SHA-256', utf8(`the shared key of ${identity}`)),
  ...more,
})

export interface Site {
  readonly source: RecordingSource
  readonly qkd: QkdOption
}

/** Alice (the client) and Bob (the server) on one link. */
export function sites(more: Partial<QkdOption> = {}, link = memoryLink()): { alice: Site; bob: Site } {
  const [forAlice, forBob] = [link('alice'), link('bob')]
  return {
    alice: { source: forAlice, qkd: { source: forAlice, localSaeId: 'alice', peerSaeId: 'bob', ...more } },
    bob: { source: forBob, qkd: { source: forBob, localSaeId: 'bob', peerSaeId: 'alice', ...more } },
  }
}

export async function offer(
  options: ClientPskOptions,
  request: Partial<OfferPsksRequest> = {},
  crypto = CRYPTO,
): Promise<PskOffer> {
  const hashes = ['SHA-384', 'SHA-256'] as const
  const asked: OfferPsksRequest = {
    type: 'offerPsks',
    hashes,
    serverName: 'bob.example',
    applicationProtocols: [],
    ...request,
  }
  return createClientPsks(options, crypto).handlers.offerPsks(asked)
}

export function server(
  options: ServerPskOptions,
  tickets: TicketKeys | null = null,
  crypto = CRYPTO,
): ServerConnectionPsks {
  return createServerPsks(options, crypto, tickets).forConnection()
}

/** The request a server's core makes after this offer. */
export function selectRequest(made: PskOffer | null, change: Partial<SelectPskRequest> = {}): SelectPskRequest {
  return {
    type: 'selectPsk',
    identities: (made?.psks ?? []).map(({ identity, obfuscatedTicketAge }) => ({ identity, obfuscatedTicketAge })),
    excluded: [],
    suites: SUITES,
    withCertificate: made?.withCertificate ?? false,
    certificatePossible: true,
    serverName: 'bob.example',
    applicationProtocols: [],
    applicationProtocol: null,
    ...change,
  }
}

export interface Accepted {
  readonly selection: PskSelection
  readonly psk: Uint8Array
}

/**
 * What the core does with the answers: select, fetch, and on to the next identity when a PSK is not to be had. Of several
 * alternatives it gives the client's, or else the first.
 */
export async function accept(
  psks: ServerConnectionPsks,
  made: PskOffer | null,
  change: Partial<SelectPskRequest> = {},
): Promise<Accepted | null> {
  const excluded: number[] = []
  for (;;) {
    const request = selectRequest(made, { excluded, ...change })
    const selection = await psks.handlers.selectPsk(request)
    if (selection === null) return null
    const { identity } = request.identities[selection.index] as { identity: Uint8Array }
    const fetched = await psks.handlers.fetchPsk({ type: 'fetchPsk', selection, identity })
    const alternatives = alternativesOf(fetched, selection.source)
    const theirs = made?.psks[selection.index]?.psk
    const found = alternatives.find(({ psk: ours }) => theirs && equalBytes(ours, theirs)) ?? alternatives[0]
    if (selection.decoy === true) throw new TrefoilError('ERR_UNKNOWN_PSK_IDENTITY', 'as the core says it')
    if (found !== undefined) return { selection: { ...selection, source: found.source }, psk: found.psk }
    excluded.push(selection.index)
  }
}

/** The code of the TrefoilError that a promise is rejected with, or null. */
export async function refusalOf(work: Promise<unknown> | (() => Promise<unknown>)): Promise<string | null> {
  try {
    await (typeof work === 'function' ? work() : work)
    return null
  } catch (error) {
    if (error instanceof TrefoilError) return error.code
    throw error
  }
}
