/**
 * A QKD key, imported by RFC 9258. The binder in the ClientHello is over it alone: no other component need have fallen
 * for a wrong guess to show. Six HMACs a trial, those of RFC 9258 5.2 and RFC 9846 7.1 and 4.3.11.2.
 */
import { createHash, createHmac } from 'node:crypto'
import { type Hash, readPlainHandshake } from '../../adversary/index.js'
import { fillFront, type Hit, type SearchMethod, type Target } from './trial.js'

/** IANA, TLS KDF Identifiers: how an ImportedIdentity ends that is for HKDF-SHA-256 or HKDF-SHA-384 (RFC 9258 5.1). */
const HASH_OF_KDF: ReadonlyMap<number, Hash> = new Map<number, Hash>([
  [1, 'sha256'],
  [2, 'sha384'],
])
const HASH_LENGTH: Readonly<Record<Hash, number>> = { sha256: 32, sha384: 48 }

export const qkdKey: SearchMethod = {
  fill: fillFront,
  prepare(targets, bits) {
    const tests = targets.map(prepareTarget)
    return (from, count, open) => {
      const missing = new Set(open)
      const hits: Hit[] = []
      let trials = 0
      for (let guess = from; guess < from + count && missing.size > 0; guess++) {
        for (const target of missing) {
          const { key, verifies } = tests[target] as Test
          fillFront(key, bits, guess)
          trials++
          if (!verifies()) continue
          hits.push({ target, guess })
          missing.delete(target)
        }
      }
      return { hits, trials }
    }
  },
}

interface Test {
  /** To be filled with a guess. */
  readonly key: Buffer
  readonly verifies: () => boolean
}

function prepareTarget({ tape, known }: Target): Test {
  const plain = readPlainHandshake(tape)
  if (plain === null) throw new RangeError('no handshake is on the tape')
  const { identities, binders } = plain.clientHello
  const offered = identities.map((identity, i) => ({
    identity,
    binder: binders[i] as Buffer,
    hash: HASH_OF_KDF.get(identity.readUInt16BE(identity.length - 2)) as Hash,
  }))
  // Any binder that is there will do, whatever the server chose: the cheaper one.
  const cheapest = offered.find(({ hash }) => hash === 'sha256') ?? offered[0]
  if (cheapest === undefined) throw new RangeError('no PSK is offered on the tape')
  const { identity, binder, hash } = cheapest
  const length = HASH_LENGTH[hash]
  const emptyHash = createHash(hash).digest()
  const transcriptHash = createHash(hash).update(plain.truncatedTranscript(hash)).digest()
  // Trefoil imports with SHA-256 unless told otherwise.
  const noSalt = Buffer.alloc(HASH_LENGTH.sha256)
  const zeros = Buffer.alloc(length)
  const importInfo = labelInfo('derived psk', createHash('sha256').update(identity).digest(), length)
  const binderInfo = labelInfo('imp binder', emptyHash, length)
  const finishedInfo = labelInfo('finished', Buffer.alloc(0), length)
  const key = Buffer.from(known)
  return {
    key,
    verifies() {
      const extracted = mac('sha256', noSalt, key)
      const psk = expand('sha256', extracted, importInfo, length)
      const early = mac(hash, zeros, psk)
      const finishedKey = mac(hash, mac(hash, early, binderInfo), finishedInfo)
      return mac(hash, finishedKey, transcriptHash).equals(binder)
    },
  }
}

/** HkdfLabel (RFC 9846 7.1) and the number of HKDF-Expand's first block. */
function labelInfo(label: string, context: Buffer, length: number): Buffer {
  const name = Buffer.from(`tls13 ${label}`, 'latin1')
  const lengths = Buffer.from([length >> 8, length & 255, name.length])
  return Buffer.concat([lengths, name, Buffer.from([context.length]), context, Buffer.from([1])])
}

function mac(hash: Hash, key: Buffer, data: Buffer): Buffer {
  return createHmac(hash, key).update(data).digest()
}

/** HKDF-Expand of one block, or of the two that a PSK for SHA-384 takes out of SHA-256. */
function expand(hash: Hash, secret: Buffer, firstInfo: Buffer, length: number): Buffer {
  const first = mac(hash, secret, firstInfo)
  if (length <= first.length) return first
  const secondInfo = Buffer.concat([first, firstInfo.subarray(0, -1), Buffer.from([2])])
  return Buffer.concat([first, mac(hash, secret, secondInfo)]).subarray(0, length)
}
