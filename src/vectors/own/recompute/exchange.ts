/** The shared secret of both ends, from the private keys of the inputs and the shares on the wire. */
import { equalBytes, toHex } from '../../../bytes.js'
import type { NamedGroupName } from '../../../crypto/groups.js'
import type { CryptoProvider, KeyShare } from '../../../crypto/provider.js'
import type { Hex, KeyPairInput, Role } from '../trace.js'
import { checkCurveHalf, clientShare, type KeyPair, secretsOf, seedOf } from './keyExchange.js'

export interface Exchanged {
  readonly sharedSecret: Uint8Array
  /** The secret and its halves, under the names of the files. */
  readonly named: Record<string, Hex>
}

export class Exchange {
  readonly #crypto: CryptoProvider
  readonly #own: readonly { readonly pair: KeyPair; readonly share: KeyShare }[]
  readonly #server: readonly KeyPairInput[]

  constructor(crypto: CryptoProvider, client: readonly KeyPairInput[], server: readonly KeyPairInput[]) {
    this.#crypto = crypto
    this.#server = server
    this.#own = client.map((input) => {
      const share = clientShare(crypto, input)
      return { pair: { ...input, publicKey: toHex(share.publicShare) }, share }
    })
  }

  /** The client's, with their public halves. */
  get clientKeyPairs(): KeyPair[] {
    return this.#own.map(({ pair }) => pair)
  }

  /** The server's of this group. */
  serverKeyPair(group: NamedGroupName): KeyPairInput | undefined {
    return this.#server.find((pair) => pair.group === group)
  }

  /**
   * @param seenBy the one end whose view counts, where the two need not agree; null for both
   * @returns null where that end cannot have made a secret of the shares
   * @throws Error where both ends must agree, and do not
   */
  agree(
    group: NamedGroupName,
    ofClient: Uint8Array | undefined,
    ofServer: Uint8Array,
    seenBy: Role | null,
  ): Exchanged | null {
    const own = this.#own.find(({ pair }) => pair.group === group)
    const server = this.serverKeyPair(group)
    if (own === undefined || ofClient === undefined || server === undefined) return null
    const atClient = seenBy === 'server' ? null : agreed(own.share, ofServer, seenBy === null)
    if (seenBy === 'client' && atClient === null) return null
    const atServer = seenBy === 'client' ? null : this.#respond(own.share, ofClient, server, ofServer)
    const sharedSecret = atClient ?? atServer
    if (sharedSecret === null || (atClient !== null && atServer !== null && !equalBytes(atClient, atServer))) {
      throw new Error('the two ends do not agree on the shared secret')
    }
    const named = secretsOf(group, sharedSecret)
    checkCurveHalf(this.#crypto, own.pair, ofServer, named)
    return { sharedSecret, named }
  }

  #respond(own: KeyShare, ofClient: Uint8Array, server: KeyPairInput, ofServer: Uint8Array): Uint8Array {
    if (!equalBytes(own.publicShare, ofClient)) {
      throw new Error('the share of the client is not that of its private key')
    }
    const response = this.#crypto.respondToKeyShare(server.group, ofClient, seedOf(server))
    if (!equalBytes(response.serverShare, ofServer)) {
      throw new Error('the share of the server is not that of its private key')
    }
    return response.sharedSecret
  }
}

/** Null for a share that is none, unless it must be one. */
function agreed(own: KeyShare, ofServer: Uint8Array, must: boolean): Uint8Array | null {
  try {
    return own.agree(ofServer)
  } catch (failure) {
    if (must) throw failure
    return null
  }
}
