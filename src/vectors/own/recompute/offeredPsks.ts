/** The PSKs of a ClientHello: each is one of the inputs, with the binder that its key gives. */
import { fromHex, toHex } from '../../../bytes.js'
import type { CryptoProvider, HashAlgorithm } from '../../../crypto/provider.js'
import type { Hex, PskInput } from '../trace.js'
import type { ClientHello } from './hellos.js'
import { Hkdf } from './hkdf.js'
import { binderOf, type MadePsk, makePsks } from './psks.js'
import type { Transcript } from './transcript.js'

export type OfferedPsk = MadePsk & {
  /** Early Secret, should the server take this one. */
  readonly earlySecret: Hex
  readonly binders: ReturnType<typeof binderOf>[]
}

export class OfferedPsks {
  readonly #crypto: CryptoProvider
  readonly #psks: readonly OfferedPsk[]

  /** @param hashes of the suites that the client offers, in its order */
  constructor(crypto: CryptoProvider, inputs: readonly PskInput[], hashes: readonly HashAlgorithm[]) {
    this.#crypto = crypto
    this.#psks = makePsks(crypto, inputs, hashes).map((psk) => {
      const hkdf = new Hkdf(crypto, psk.hash)
      return { ...psk, earlySecret: toHex(hkdf.extract(hkdf.zeros, fromHex(psk.psk))), binders: [] }
    })
  }

  /** @param transcript what came before this hello @throws Error where it offers what the inputs do not give */
  take({ identities, binders, truncated }: ClientHello, transcript: Transcript): void {
    for (const [i, { identity, obfuscatedTicketAge }] of identities.entries()) {
      const psk = this.find(identity)
      if (psk === undefined) throw new Error('an identity is offered that the inputs do not give')
      if (psk.obfuscatedTicketAge !== obfuscatedTicketAge) {
        throw new Error('an obfuscated ticket age is not that of the inputs')
      }
      const before = transcript.octets(new Hkdf(this.#crypto, psk.hash))
      const computed = binderOf(this.#crypto, psk, fromHex(psk.earlySecret), before, truncated)
      if (computed.binder !== binders[i]) throw new Error('a binder is not that of its pre-shared key')
      psk.binders.push(computed)
    }
  }

  find(identity: Hex | undefined): OfferedPsk | undefined {
    return this.#psks.find((psk) => psk.identity === identity)
  }

  /**
   * What the server's choice adds to the values.
   * @param known what the server makes PSKs of, where it must have the same; else null
   */
  select(psk: OfferedPsk, known: readonly PskInput[] | null): Record<string, unknown> {
    const { hash, identity } = psk
    if (known !== null) {
      const held = makePsks(this.#crypto, known, [hash]).find((candidate) => candidate.identity === identity)
      if (held?.psk !== psk.psk) throw new Error('the two ends have different pre-shared keys')
    }
    return {
      psk: psk.psk,
      pskIdentity: identity,
      pskObfuscatedTicketAge: psk.obfuscatedTicketAge,
      pskAccepted: true,
      binder: psk.binders.at(-1),
    }
  }

  /** Under the names of the files. */
  describe(): Record<string, unknown>[] {
    return this.#psks.map(({ imported, earlySecret, binders, ...psk }) => ({
      ...psk,
      ...imported,
      earlySecret,
      binders,
    }))
  }
}
