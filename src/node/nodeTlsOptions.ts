/**
 * Options of node:tls that mean nothing here, or something else. Those that TLS 1.3 makes idle are passed over. Those whose
 * neglect would leave a connection weaker than its caller believes, or a program waiting for what never comes, are refused.
 * docs/node-tls.md says of each which it is.
 */
import { constants } from 'node:crypto'
import { TrefoilError } from '../errors.js'
import type { NameList } from './contextOptions.js'

export type SecureVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'

/** Taken so that programs need not change; none of them opens or closes anything. */
export interface NodeTlsOptions {
  /** Any version of node:tls: TLS 1.3 is what is spoken. */
  readonly minVersion?: SecureVersion | undefined
  /** 'TLSv1.3'; an older one is refused. */
  readonly maxVersion?: SecureVersion | undefined
  /** 'TLS_method', 'TLS_client_method' or 'TLS_server_method': those include TLS 1.3. */
  readonly secureProtocol?: string | undefined
  /** Named groups by OpenSSL's names or IANA's, with ':' between; 'auto' is the default. Takes the place of `groups`. */
  readonly ecdhCurve?: string | undefined
  /** Bits of OpenSSL; refused are SSL_OP_NO_TLSv1_3 and SSL_OP_NO_TICKET. */
  readonly secureOptions?: number | undefined
  /** A server chooses by its own order in any case. */
  readonly honorCipherOrder?: boolean | undefined
  /** There is no finite-field Diffie-Hellman. */
  readonly dhparam?: string | Uint8Array | undefined
  readonly minDHSize?: number | undefined
  /** Certificates are sent as they are. */
  readonly certificateCompression?: readonly string[] | undefined
  /** TLS 1.3 has no hint. */
  readonly pskIdentityHint?: string | undefined
  /** Every certificate of `ca` is a trust anchor, so true it is; false is refused. */
  readonly allowPartialTrustChain?: boolean | undefined
}

const ELSEWHERE: Readonly<Record<string, string>> = {
  pfx: 'give cert and key as PEM (openssl pkcs12 -in FILE -nodes)',
  crl: 'certificates are not looked up in revocation lists: acceptPeer has the last word',
  requestOCSP: 'no OCSP response is asked for: acceptPeer has the last word',
  clientCertEngine: 'there are no OpenSSL engines: key takes an external signer',
  privateKeyEngine: 'there are no OpenSSL engines: key takes an external signer',
  privateKeyIdentifier: 'there are no OpenSSL engines: key takes an external signer',
  sessionIdContext: 'servers whose sessions are to be kept apart need ticket keys of their own',
  pskCallback: 'the option psk takes PSKs, and on a server a function that looks them up',
  enableTrace: 'there is no trace: see diagnostics_channel and keylog',
  onread: 'there is no buffer to read into: listen for data',
  pauseOnConnect: 'a handshake cannot wait: pause the socket of secureConnection',
}

/** The options that this file judges: whoever picks options out of others leaves none of them behind. */
export const NODE_TLS_OPTIONS: readonly string[] = [
  ...Object.keys(ELSEWHERE),
  ...(['minVersion', 'maxVersion', 'secureProtocol', 'secureOptions', 'ecdhCurve', 'allowPartialTrustChain'] as const),
]

const VERSIONS: readonly string[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] satisfies SecureVersion[]

/** What OpenSSL calls groups otherwise than IANA. */
const CURVE_NAMES: Readonly<Record<string, string>> = {
  X25519: 'x25519',
  'P-256': 'secp256r1',
  prime256v1: 'secp256r1',
  'P-384': 'secp384r1',
}

/** @throws TrefoilError ERR_INVALID_OPTION with the name of the first one that cannot be had, and what to do instead */
export function checkNodeTlsOptions(options: NodeTlsOptions): void {
  for (const [name, instead] of Object.entries(ELSEWHERE)) {
    if ((options as Readonly<Record<string, unknown>>)[name]) invalid(`${name} is not taken: ${instead}`)
  }
  const {
    minVersion = 'TLSv1.3',
    maxVersion = 'TLSv1.3',
    secureProtocol,
    secureOptions,
    allowPartialTrustChain,
  } = options
  if (!VERSIONS.includes(minVersion)) invalid(`minVersion ${JSON.stringify(minVersion)} is no version of TLS`)
  if (maxVersion !== 'TLSv1.3')
    invalid(`maxVersion ${JSON.stringify(maxVersion)} leaves out TLSv1.3, the only version here`)
  if (secureProtocol && !/^TLS_(client_|server_)?method$/.test(secureProtocol)) {
    invalid(`secureProtocol ${JSON.stringify(secureProtocol)} leaves out TLSv1.3, the only version here`)
  }
  if (secureOptions) checkSecureOptions(secureOptions)
  if (allowPartialTrustChain === false)
    invalid('allowPartialTrustChain is always true: every certificate of ca is trusted')
}

/** @throws TrefoilError ERR_INVALID_OPTION when both are given */
export function groupList(groups: NameList | undefined, ecdhCurve: string | undefined): NameList | undefined {
  if (!ecdhCurve || ecdhCurve === 'auto') return groups
  if (groups !== undefined) invalid('groups and ecdhCurve exclude each other')
  return ecdhCurve.split(':').map((name) => CURVE_NAMES[name] ?? name)
}

function checkSecureOptions(bits: number): void {
  if (bits & constants.SSL_OP_NO_TLSv1_3) invalid('secureOptions leaves out TLSv1.3, the only version here')
  if (bits & constants.SSL_OP_NO_TICKET) invalid('secureOptions cannot switch off tickets: give tickets: false')
}

function invalid(message: string): never {
  throw new TrefoilError('ERR_INVALID_OPTION', message)
}
