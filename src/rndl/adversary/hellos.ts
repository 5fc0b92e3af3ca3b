/** The two hellos, which pass in clear (RFC 9846 4.2), and in them what an adversary needs. */
import { Cursor } from './cursor.js'

export const MessageType = {
  clientHello: 1,
  serverHello: 2,
  newSessionTicket: 4,
  endOfEarlyData: 5,
  encryptedExtensions: 8,
  certificate: 11,
  finished: 20,
  keyUpdate: 24,
} as const

const Extension = { serverName: 0, earlyData: 42, preSharedKey: 41, keyShare: 51 } as const

/** RFC 9846 4.2.4: the random of a ServerHello that is a HelloRetryRequest. */
const RETRY_RANDOM = 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c'

export interface KeyShareEntry {
  readonly group: number
  readonly share: Buffer
}

export interface ClientHello {
  readonly random: Buffer
  readonly serverName: string | null
  readonly keyShares: readonly KeyShareEntry[]
  readonly identities: readonly Buffer[]
  readonly binders: readonly Buffer[]
  /** Octets of the message, header included, that stand before the list of binders. */
  readonly truncatedLength: number
  readonly earlyData: boolean
}

export interface ServerHello {
  readonly isRetry: boolean
  readonly cipherSuite: number
  readonly keyShare: KeyShareEntry | null
  readonly selectedIdentity: number | null
}

/** @param message with its header of four octets */
export function readClientHello(message: Buffer): ClientHello {
  const cursor = new Cursor(message.subarray(4))
  cursor.take(2)
  const random = cursor.take(32)
  cursor.vector(1)
  cursor.vector(2)
  cursor.vector(1)
  const extensions = readExtensions(cursor.vector(2))
  const { identities, binders, bindersLength } = readOfferedPsks(extensions.get(Extension.preSharedKey))
  return {
    random,
    serverName: readServerName(extensions.get(Extension.serverName)),
    keyShares: readKeyShares(extensions.get(Extension.keyShare)),
    identities,
    binders,
    truncatedLength: message.length - bindersLength,
    earlyData: extensions.has(Extension.earlyData),
  }
}

/** @param message with its header of four octets */
export function readServerHello(message: Buffer): ServerHello {
  const cursor = new Cursor(message.subarray(4))
  cursor.take(2)
  const isRetry = cursor.take(32).toString('hex') === RETRY_RANDOM
  cursor.vector(1)
  const cipherSuite = cursor.number(2)
  cursor.take(1)
  const extensions = readExtensions(cursor.vector(2))
  const share = extensions.get(Extension.keyShare)
  const selected = extensions.get(Extension.preSharedKey)
  return {
    isRetry,
    cipherSuite,
    keyShare: share === undefined || isRetry ? null : readKeyShare(new Cursor(share)),
    selectedIdentity: selected === undefined ? null : new Cursor(selected).number(2),
  }
}

/** Whether EncryptedExtensions say that early data is taken. */
export function takesEarlyData(message: Buffer): boolean {
  return readExtensions(new Cursor(message.subarray(4)).vector(2)).has(Extension.earlyData)
}

function readExtensions(octets: Buffer): Map<number, Buffer> {
  return new Map(new Cursor(octets).list((cursor) => [cursor.number(2), cursor.vector(2)]))
}

function readKeyShares(octets: Buffer | undefined): KeyShareEntry[] {
  return octets === undefined ? [] : new Cursor(new Cursor(octets).vector(2)).list(readKeyShare)
}

function readKeyShare(cursor: Cursor): KeyShareEntry {
  return { group: cursor.number(2), share: cursor.vector(2) }
}

function readOfferedPsks(octets: Buffer | undefined) {
  if (octets === undefined) return { identities: [], binders: [], bindersLength: 0 }
  const cursor = new Cursor(octets)
  const identities = new Cursor(cursor.vector(2)).list((entry) => {
    const identity = entry.vector(2)
    entry.take(4)
    return identity
  })
  // RFC 9846 4.3.11.2: the list of binders is cut off with its length; pre_shared_key stands last.
  const bindersLength = cursor.remaining
  const binders = new Cursor(cursor.vector(2)).list((entry) => entry.vector(1))
  return { identities, binders, bindersLength }
}

function readServerName(octets: Buffer | undefined): string | null {
  if (octets === undefined || octets.length === 0) return null
  const list = new Cursor(new Cursor(octets).vector(2))
  list.take(1)
  return list.vector(2).toString('latin1')
}
