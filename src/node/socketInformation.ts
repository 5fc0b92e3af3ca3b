/** What a finished handshake lets one ask of a socket. Methods are those of tls.TLSSocket. */
import { X509Certificate } from 'node:crypto'
import type { Server } from 'node:net'
import type { DetailedPeerCertificate, PeerCertificate } from 'node:tls'
import { wipe } from '../bytes.js'
import { TrefoilError } from '../errors.js'
import type { Connection, HandshakeSummary } from '../tls/index.js'
import { noCertificate, toPeerCertificate } from './peerCertificate.js'
import type { Protection } from './protection.js'
import { parseSession } from './psk/index.js'
import type { PeerDescription, RawPublicKey } from './rawKeys/peer.js'
import { TransportDuplex } from './transportDuplex.js'

/** @internal */
export interface Established {
  readonly connection: Connection
  readonly summary: HandshakeSummary
  readonly protection: Protection
  /** What the peer showed, in this handshake or that of the session that was resumed. */
  readonly peer: PeerDescription
  readonly sharedSchemes: readonly string[]
}

export abstract class SocketInformation extends TransportDuplex {
  /** As in tls.TLSSocket: tells it from a net.Socket. */
  readonly encrypted = true
  /** Whether the peer is authenticated by something this side trusts. */
  authorized = false
  /** Why `authorized` is false, where `rejectUnauthorized: false` let the peer pass. */
  authorizationError: TrefoilError | null = null
  /** The protocol agreed by ALPN; false when there is none, null before the handshake's end. */
  alpnProtocol: string | false | null = null
  /** The DNS name that the client asked for; false when it sent none. */
  servername: string | false = false
  /** The server that accepted the connection; undefined on a client. */
  server: Server | undefined
  /** @internal */
  protected established: Established | null = null
  /** @internal */
  protected lastSession: NonSharedBuffer | undefined
  /** @internal */
  protected maxSendFragment: number | undefined

  /** What protects this connection and who is at the other end; null until the handshake is complete. */
  get protection(): Protection | null {
    return this.established?.protection ?? null
  }

  /** Whether the handshake is still to be completed. */
  get secureConnecting(): boolean {
    return this.established === null && !this.destroyed
  }

  getProtocol(): 'TLSv1.3' | null {
    return this.established ? 'TLSv1.3' : null
  }

  getCipher(): { name: string; standardName: string; version: 'TLSv1.3' } | undefined {
    if (!this.established) return undefined
    const name = this.established.summary.cipherSuite
    return { name, standardName: name, version: 'TLSv1.3' }
  }

  /** The named group of the key exchange. */
  getEphemeralKeyInfo(): { type: 'TLSGroup'; name: string } | null {
    return this.established && { type: 'TLSGroup', name: this.established.summary.group }
  }

  /** The peer's certificate, an empty object when it showed none; `detailed` links it to its issuers. */
  getPeerCertificate(detailed: true): DetailedPeerCertificate
  getPeerCertificate(detailed?: false): PeerCertificate
  getPeerCertificate(detailed?: boolean): PeerCertificate | DetailedPeerCertificate
  getPeerCertificate(detailed = false): PeerCertificate {
    const chain = this.established?.peer.chain
    return chain ? toPeerCertificate(chain, detailed) : noCertificate()
  }

  getPeerX509Certificate(): X509Certificate | undefined {
    return leaf(this.established?.peer.chain)
  }

  /** The raw public key that the peer showed in place of a certificate (RFC 7250), with whom it stands for. */
  getPeerRawPublicKey(): RawPublicKey | undefined {
    return this.established?.peer.rawPublicKey ?? undefined
  }

  /** Our own certificate, an empty object when we showed none. */
  getCertificate(): PeerCertificate {
    const chain = this.#ownChain()
    return chain ? toPeerCertificate(chain, false) : noCertificate()
  }

  getX509Certificate(): X509Certificate | undefined {
    return leaf(this.#ownChain())
  }

  /** Client: the last session the server gave a ticket for, to be passed as `session`. It holds a secret. */
  getSession(): NonSharedBuffer | undefined {
    return this.lastSession
  }

  /** Client: the ticket in that session, as the server made it. */
  getTLSTicket(): NonSharedBuffer | undefined {
    if (this.lastSession === undefined) return undefined
    const { ticket, psk } = parseSession(this.lastSession)
    wipe(psk)
    return Buffer.from(ticket)
  }

  /**
   * verify_data of our Finished and of the peer's (RFC 9846 4.5.4). To bind something to a connection take
   * `exportKeyingMaterial` with the label of RFC 9266 instead.
   */
  getFinished(): NonSharedBuffer | undefined {
    return octets(this.established?.summary.localFinished)
  }

  getPeerFinished(): NonSharedBuffer | undefined {
    return octets(this.established?.summary.peerFinished)
  }

  /** Signature schemes of the peer that are ours too, by IANA's names; none where no certificate was asked of us. */
  getSharedSigalgs(): string[] {
    return [...(this.established?.sharedSchemes ?? [])]
  }

  isSessionReused(): boolean {
    return this.established?.summary.psk?.kind === 'resumption'
  }

  /**
   * Keying material bound to this connection (RFC 9846 7.5).
   * @throws TrefoilError ERR_INVALID_STATE before the handshake is complete
   */
  exportKeyingMaterial(length: number, label: string, context: Uint8Array = new Uint8Array(0)): NonSharedBuffer {
    if (!this.established) throw new TrefoilError('ERR_INVALID_STATE', 'the handshake is not complete')
    return Buffer.from(this.established.connection.exportKeyingMaterial(label, context, length))
  }

  /** TLS 1.3 has no renegotiation: `callback` is told so. New keys are had by `requestKeyUpdate`. */
  renegotiate(_options: object, callback?: (error: Error | null) => void): boolean {
    const error = new TrefoilError('ERR_INVALID_STATE', 'TLS 1.3 has no renegotiation: use requestKeyUpdate')
    if (callback) process.nextTick(callback, error)
    return false
  }

  /** Nothing to do: there is none. */
  disableRenegotiation(): void {}

  /** @throws TrefoilError ERR_INVALID_STATE always: there is no trace */
  enableTrace(): never {
    throw new TrefoilError('ERR_INVALID_STATE', 'there is no trace: see diagnostics_channel and keylog')
  }

  /**
   * No record of ours holds more than `size` octets of data from now on, before the handshake's end from then on.
   * @returns false, and nothing changes, unless they are 512 to 16,384
   */
  setMaxSendFragment(size: number): boolean {
    if (!Number.isInteger(size) || size < 512 || size > 16_384) return false
    this.maxSendFragment = size
    this.established?.connection.limitRecords(size)
    return true
  }

  #ownChain(): readonly Uint8Array[] | null {
    const summary = this.established?.summary
    return summary?.localCertificateType === 'X509' ? summary.localCertificateChain : null
  }
}

function octets(bytes: Uint8Array | null | undefined): NonSharedBuffer | undefined {
  return bytes ? Buffer.from(bytes) : undefined
}

function leaf(chain: readonly Uint8Array[] | null | undefined): X509Certificate | undefined {
  return chain?.[0] && new X509Certificate(chain[0])
}
