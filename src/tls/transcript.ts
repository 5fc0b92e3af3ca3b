/**
 * The transcript hash (RFC 9846 section 4.5.1). Messages are kept until the hash function is known, which is when a
 * suite has been chosen; from then on they are hashed as they come.
 */
import { concat } from '../bytes.js'
import type { CryptoProvider, HashAlgorithm, RunningHash } from '../crypto/provider.js'
import { HandshakeType } from './wire/codePoints.js'

export class Transcript {
  private readonly crypto: CryptoProvider
  private kept: Uint8Array[] = []
  private running: RunningHash | null = null
  /** Of everything so far, once somebody has asked: several secrets take the same one. */
  private hashed: Uint8Array | null = null

  constructor(crypto: CryptoProvider) {
    this.crypto = crypto
  }

  /** Adds a whole message, header included. */
  add(message: Uint8Array): void {
    this.hashed = null
    if (this.running === null) this.kept.push(message)
    else this.running.update(message)
  }

  /** Fixes the hash function. */
  start(hash: HashAlgorithm): void {
    this.running = this.crypto.createHash(hash)
    for (const message of this.kept) this.running.update(message)
    this.kept = []
  }

  /** Transcript-Hash of everything added so far. */
  digest(): Uint8Array {
    if (this.running === null) throw new Error('the transcript has no hash function yet')
    this.hashed ??= this.running.digest()
    return this.hashed
  }

  /** Hash of what has been kept, then `more`, before the hash function is fixed: for binders. */
  digestWith(hash: HashAlgorithm, more: Uint8Array): Uint8Array {
    return this.crypto.hash(hash, concat(...this.kept, more))
  }

  /** Nothing is added or asked any more. */
  end(): void {
    this.kept = []
    this.running = null
    this.hashed = null
  }

  /** After HelloRetryRequest, ClientHello1 is stood for by its hash in a message_hash message (RFC 9846 4.5.1). */
  replaceClientHello(hash: HashAlgorithm): void {
    this.restartWith(this.crypto.hash(hash, concat(...this.kept)))
  }

  /** The same for a server that knows only the hash, from its cookie. */
  restartWith(clientHelloHash: Uint8Array): void {
    const header = Uint8Array.of(HandshakeType.message_hash, 0, 0, clientHelloHash.length)
    this.kept = [concat(header, clientHelloHash)]
  }
}
