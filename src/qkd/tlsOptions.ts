/** TLS between an SAE and its key manager, for whichever end we are. */
import { createSecureContext } from 'node:tls'
import { TrefoilError } from '../errors.js'

export type Pem = string | Buffer | readonly (string | Buffer)[]

/** The credentials of one end: its chain, its private key, and the CA that the other end's certificate must have. */
export interface MutualTlsCredentials {
  readonly cert: Pem
  readonly key: Pem
  readonly ca: Pem
}

interface TlsOptions {
  readonly cert: string | Buffer | (string | Buffer)[]
  readonly key: string | Buffer | (string | Buffer)[]
  readonly ca: string | Buffer | (string | Buffer)[]
  readonly minVersion: 'TLSv1.2'
  readonly ecdhCurve: string
}

/**
 * Options for node:tls: TLS 1.2 or later (ETSI GS QKD 014 5.1), and the post-quantum hybrid group wherever the running
 * OpenSSL has it, since whoever records this link and breaks its key exchange has the QKD keys.
 * @throws TrefoilError ERR_INVALID_OPTION when certificate, key and CA cannot be used
 */
export function mutualTls({ cert, key, ca }: MutualTlsCredentials): TlsOptions {
  // Left out, they would mean no client certificate, and every CA of the system.
  if (!isGiven(cert) || !isGiven(key) || !isGiven(ca)) {
    throw new TrefoilError('ERR_INVALID_OPTION', 'a key manager link needs a certificate, a private key and a CA')
  }
  const options: TlsOptions = {
    cert: mutable(cert),
    key: mutable(key),
    ca: mutable(ca),
    minVersion: 'TLSv1.2',
    ecdhCurve: keyDeliveryGroups(),
  }
  try {
    createSecureContext(options)
  } catch (cause) {
    throw new TrefoilError('ERR_INVALID_OPTION', 'the certificate, key or CA for the key manager is unusable', {
      cause,
    })
  }
  return options
}

let groups: string | null = null

/** The groups offered for key delivery, best first, colon-separated; Node 20's OpenSSL 3.0 has only the classical. */
export function keyDeliveryGroups(): string {
  groups ??= ['X25519MLKEM768:X25519:P-256:P-384', 'X25519:P-256:P-384'].find(isSupported) ?? 'auto'
  return groups
}

function isSupported(ecdhCurve: string): boolean {
  try {
    createSecureContext({ ecdhCurve })
    return true
  } catch {
    return false
  }
}

function isGiven(pem: Pem | undefined): boolean {
  return pem !== undefined && pem !== null && pem.length > 0
}

function mutable(pem: Pem): string | Buffer | (string | Buffer)[] {
  return typeof pem === 'string' || Buffer.isBuffer(pem) ? pem : [...pem]
}
