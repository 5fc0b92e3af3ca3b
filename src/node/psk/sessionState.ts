/**
 * What both ends of a resumption must know again. A server seals it into the ticket, a client keeps it with the ticket.
 *
 *     struct {
 *       uint8  version = 4;
 *       uint16 cipher_suite;
 *       opaque psk[Hash.length];          // resumption PSK; Hash is the suite's
 *       uint32 ticket_age_add;
 *       uint64 time;                      // issued or received: milliseconds since the epoch
 *       uint32 lifetime;                  // seconds
 *       opaque server_name<0..2^16-1>;
 *       opaque application_protocol<0..2^16-1>;
 *       opaque peer_chain<0..2^24-1>;     // DER certificates or one raw public key, each opaque<1..2^24-1>
 *       uint8  peer_certificate_type;     // RFC 7250; X.509 (0) without a chain
 *       uint8  local_certificate_shown;   // 0 or 1
 *       uint64 full_handshake_time;       // milliseconds since the epoch; older than `time` in a session that was resumed
 *       opaque psk_source<0..2^16-1>;
 *     } SessionState;
 */
import { concat } from '../../bytes.js'
import { CIPHER_SUITES, type CipherSuiteName, cipherSuiteByCodePoint } from '../../crypto/cipherSuites.js'
import type { HashAlgorithm } from '../../crypto/provider.js'
import { CERTIFICATE_TYPES, type CertificateType, certificateTypeByCode } from '../../tls/extensions/certificateType.js'
import { decode, type Reader } from '../../tls/wire/reader.js'
import { encode } from '../../tls/wire/writer.js'
import { readChain, readFlag, readText, readTime, writeChain, writeText, writeTime } from './fields.js'
import { encodePskSource, type PskSource, readPskSource } from './source.js'

export interface SessionState {
  readonly cipherSuite: CipherSuiteName
  readonly hash: HashAlgorithm
  readonly psk: Uint8Array
  readonly ticketAgeAdd: number
  readonly time: number
  readonly lifetime: number
  /** When the session began, or the first of those that were resumed one after the other. */
  readonly fullHandshakeAt: number
  readonly serverName: string | null
  readonly applicationProtocol: string | null
  readonly peerCertificateChain: readonly Uint8Array[] | null
  /** Null without a chain. */
  readonly peerCertificateType: CertificateType | null
  readonly localCertificateShown: boolean
  readonly source: PskSource | null
}

const VERSION = 4

/** Holds the PSK in the clear: the caller's to seal, or to wipe. */
export function encodeSessionState(state: Omit<SessionState, 'hash' | 'fullHandshakeAt'>): Uint8Array {
  const head = encode((writer) => writer.u8(VERSION).u16(CIPHER_SUITES[state.cipherSuite].codePoint))
  const tail = encode((writer) => {
    writer.u32(state.ticketAgeAdd)
    writeTime(writer, state.time)
    writer.u32(state.lifetime)
    writeText(writer, state.serverName)
    writeText(writer, state.applicationProtocol)
    // A resumed handshake shows no certificates of its own: those of the full handshake still count.
    const full = state.source?.resumed
    const shown = state.peerCertificateChain === null ? full : state
    writeChain(writer, shown?.peerCertificateChain ?? null)
    writer.u8(CERTIFICATE_TYPES[shown?.peerCertificateType ?? 'X509'])
    writer.u8(Number(state.localCertificateShown || full?.localCertificateShown === true))
    writeTime(writer, full?.fullHandshakeAt ?? state.time)
    writer.opaque(2, encodePskSource(state.source))
  })
  // Joined here, since a writer leaves copies of what went through it.
  return concat(head, state.psk, tail)
}

/** Copies what it reads. @throws TrefoilError ERR_DECODE */
export function readSessionState(reader: Reader): SessionState {
  if (reader.u8() !== VERSION) reader.fail('has an unknown version')
  const cipherSuite = cipherSuiteByCodePoint(reader.u16())
  if (cipherSuite === undefined) return reader.fail('has an unknown cipher suite')
  const { hash, hashLength } = CIPHER_SUITES[cipherSuite]
  const psk = reader.bytes(hashLength)
  const ticketAgeAdd = reader.u32()
  const time = readTime(reader)
  const lifetime = reader.u32()
  const serverName = readText(reader)
  const applicationProtocol = readText(reader)
  const peerCertificateChain = readChain(reader)
  const typeOrDefault = certificateTypeByCode(reader.u8())
  if (typeOrDefault === undefined) return reader.fail('has an unknown certificate type')
  const peerCertificateType = peerCertificateChain === null ? null : typeOrDefault
  const localCertificateShown = readFlag(reader)
  const fullHandshakeAt = readTime(reader)
  const note = reader.opaque(2)
  const source =
    note.length === 0
      ? null
      : decode(note, 'session', (inner) =>
          readPskSource(inner, { fullHandshakeAt, peerCertificateChain, peerCertificateType, localCertificateShown }),
        )
  return {
    cipherSuite,
    hash,
    psk: new Uint8Array(psk),
    ticketAgeAdd,
    time,
    lifetime,
    fullHandshakeAt,
    serverName,
    applicationProtocol,
    peerCertificateChain,
    peerCertificateType,
    localCertificateShown,
    source,
  }
}
