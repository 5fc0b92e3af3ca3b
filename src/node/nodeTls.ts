/** What programs take from node:tls besides connections: names and lists, as they are here. */
import { CIPHER_SUITES, DEFAULT_CIPHER_SUITES } from '../crypto/cipherSuites.js'
import { HYBRID_GROUPS } from '../crypto/groups.js'

/** node:tls's own. Public roots are classical: none counts unless the policy allows classical authentication. */
export { checkServerIdentity, rootCertificates } from 'node:tls'

export const DEFAULT_MIN_VERSION = 'TLSv1.3'
export const DEFAULT_MAX_VERSION = 'TLSv1.3'
/** Cipher suites that are offered unless `ciphers` says otherwise, most preferred first. */
export const DEFAULT_CIPHERS: string = DEFAULT_CIPHER_SUITES.join(':')
/** Groups that are offered unless `groups` says otherwise, most preferred first. */
export const DEFAULT_ECDH_CURVE: string = HYBRID_GROUPS.join(':')

/** All cipher suites, in lower case as node:tls gives them; the option `ciphers` takes them in upper case. */
export function getCiphers(): string[] {
  return Object.keys(CIPHER_SUITES).map((name) => name.toLowerCase())
}
