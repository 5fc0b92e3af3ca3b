/**
 * The floor: the operations of a plan, called one after the other on a provider, with nothing around them. Inputs are made
 * beforehand; keys that an end keeps between handshakes are imported beforehand too.
 */
import type { CryptoProvider, KeyShare, KeyShareResponse, SigningKey, VerifyingKey } from '../../crypto/provider.js'
import { SIGNATURE_SCHEMES, type SignatureSchemeName } from '../../crypto/signatureSchemes.js'
import type { Side, TurnListener } from '../handshakes/coreHandshake.js'
import type { FloorOperation, FloorPlan } from './operations.js'

/** What one handshake hands on from one operation to another. */
interface State {
  share: KeyShare | null
  response: KeyShareResponse | null
  signatures: Record<Side, Uint8Array | null>
}

type Run = (state: State) => unknown

/** A floor ready to be run; each call is one handshake. */
export type Floor = (onTurn?: TurnListener) => void

export function makeFloor(plan: FloorPlan, provider: CryptoProvider): Floor {
  const keys = new Keys(provider)
  const turn = (side: Side, operations: readonly FloorOperation[]) => ({
    side,
    runs: operations.map((operation) => prepare(operation, side, provider, keys)),
  })
  const turns = [
    turn('client', plan.client[0]),
    turn('server', plan.server[0]),
    turn('client', plan.client[1]),
    turn('server', plan.server[1]),
  ]
  return (onTurn) => {
    const state: State = { share: null, response: null, signatures: { client: null, server: null } }
    for (const { side, runs } of turns) {
      onTurn?.(side)
      for (const run of runs) run(state)
    }
    onTurn?.(null)
  }
}

/** Of both ends and the root, kept from one handshake to the next. */
class Keys {
  readonly #provider: CryptoProvider
  readonly #signing = new Map<string, SigningKey>()
  readonly #verifying = new Map<string, VerifyingKey>()

  constructor(provider: CryptoProvider) {
    this.#provider = provider
  }

  signing(owner: Side | 'root', scheme: SignatureSchemeName): SigningKey {
    const name = `${owner} ${scheme}`
    const known = this.#signing.get(name)
    if (known !== undefined) return known
    const algorithm = SIGNATURE_SCHEMES[scheme].key
    if (algorithm === 'rsa' || algorithm === 'rsa-pss') throw new Error('the floor has no RSA keys')
    const key = this.#provider.signingKey(this.#provider.generateSigningKey(algorithm))
    this.#signing.set(name, key)
    return key
  }

  verifying(owner: Side | 'root', scheme: SignatureSchemeName): VerifyingKey {
    const name = `${owner} ${scheme}`
    const { algorithm, publicKey } = this.signing(owner, scheme)
    const key = this.#verifying.get(name) ?? this.#provider.verifyingKey(algorithm, publicKey)
    this.#verifying.set(name, key)
    return key
  }
}

function prepare(operation: FloorOperation, side: Side, provider: CryptoProvider, keys: Keys): Run {
  switch (operation.kind) {
    case 'random':
      return () => provider.randomBytes(operation.length)
    case 'hash': {
      const data = provider.randomBytes(operation.length)
      return () => provider.hash(operation.hash, data)
    }
    case 'transcript':
      return prepareTranscript(operation, provider)
    case 'macs':
      return prepareMacs(operation, provider)
    case 'seal':
    case 'open':
      return prepareRecords(operation, provider)
    case 'seal ticket':
    case 'open ticket':
      return prepareTicket(operation, provider)
    case 'generate':
      return (state) => {
        state.share = provider.generateKeyShare(operation.group)
      }
    case 'respond':
      return (state) => {
        const { publicShare } = made(state.share)
        state.response = provider.respondToKeyShare(operation.group, publicShare)
      }
    case 'agree':
      return (state) => made(state.share).agree(made(state.response).serverShare)
    case 'sign': {
      const key = keys.signing(side, operation.scheme)
      const message = proof(operation.length)
      return (state) => {
        state.signatures[side] = key.sign(operation.scheme, message)
      }
    }
    case 'verify':
      return prepareVerify(operation, keys)
    case 'verify chain': {
      const message = provider.randomBytes(operation.length)
      const signature = keys.signing('root', operation.scheme).sign(operation.scheme, message)
      const key = keys.verifying('root', operation.scheme)
      return () => must(key.verify(operation.scheme, message, signature))
    }
  }
}

type Of<Kind extends FloorOperation['kind']> = Extract<FloorOperation, { readonly kind: Kind }>

function prepareTranscript({ hash, portions }: Of<'transcript'>, provider: CryptoProvider): Run {
  const pieces = portions.map((length) => provider.randomBytes(length))
  return () => {
    const running = provider.createHash(hash)
    for (const piece of pieces) {
      running.update(piece)
      running.digest()
    }
  }
}

function prepareMacs({ hash, keyLength, macs }: Of<'macs'>, provider: CryptoProvider): Run {
  const octets = provider.randomBytes(keyLength)
  const inputs = macs.map(({ length }) => provider.randomBytes(length))
  return () => {
    const key = provider.hmacKey(hash, octets)
    for (const input of inputs) key.mac(input)
    key.wipe()
  }
}

const NONCE = new Uint8Array(12)
const NO_OCTETS = new Uint8Array(0)
/** Of a record (RFC 9846 5.2). */
const HEADER = Uint8Array.of(23, 3, 3, 0, 0)
const TAG_LENGTH = 16

function prepareRecords({ kind, algorithm, records }: Of<'seal' | 'open'>, provider: CryptoProvider): Run {
  const octets = provider.randomBytes(algorithm === 'AES-128-GCM' ? 16 : 32)
  const sealing = provider.aead(algorithm, octets)
  const pieces = records.map((length) => {
    const content = provider.randomBytes(length)
    const sealed = new Uint8Array(length + TAG_LENGTH)
    sealing.seal(NONCE, HEADER, content, NO_OCTETS, sealed)
    return { content, sealed }
  })
  return () => {
    const aead = provider.aead(algorithm, octets)
    for (const { content, sealed } of pieces) {
      if (kind === 'open') must(aead.open(NONCE, HEADER, sealed) !== null)
      else aead.seal(NONCE, HEADER, content, NO_OCTETS, new Uint8Array(sealed.length))
    }
  }
}

function prepareTicket({ kind, length }: Of<'seal ticket' | 'open ticket'>, provider: CryptoProvider): Run {
  const aead = provider.aead('AES-256-GCM', provider.randomBytes(32))
  const content = provider.randomBytes(length)
  const sealed = new Uint8Array(length + TAG_LENGTH)
  aead.seal(NONCE, NO_OCTETS, content, NO_OCTETS, sealed)
  return kind === 'open ticket'
    ? () => must(aead.open(NONCE, NO_OCTETS, sealed) !== null)
    : () => aead.seal(NONCE, NO_OCTETS, content, NO_OCTETS, new Uint8Array(sealed.length))
}

function prepareVerify({ scheme, by, length }: Of<'verify'>, keys: Keys): Run {
  const key = keys.verifying(by, scheme)
  const message = proof(length)
  return (state) => must(key.verify(scheme, message, made(state.signatures[by])))
}

/** The same at both ends; ML-DSA signs it with fresh randomness every time (FIPS 204 3.4). */
function proof(length: number): Uint8Array {
  return new Uint8Array(length).fill(32)
}

function made<T>(value: T | null): T {
  if (value === null) throw new Error('the floor is out of order')
  return value
}

function must(holds: boolean): void {
  if (!holds) throw new Error('the floor computes something else than it should')
}
