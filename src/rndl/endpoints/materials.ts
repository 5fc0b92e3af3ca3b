/** What the ends of all scenarios of a run own: certificates and keys. Plain JSON, since processes are told of it. */
import { toHex } from '../../bytes.js'
import { type CryptoProvider, defaultProvider } from '../../crypto/index.js'
import {
  type CertifiedKey,
  createCertificateAuthority,
  type IssuedAlgorithm,
  issueCertificate,
  parsePrivateKey,
  wipePrivateKey,
} from '../../pki/index.js'
import { seededRandom } from '../trace/seededRandom.js'
import type { Hex } from '../trace/trace.js'

/** PEM. */
export interface Identity {
  readonly cert: string
  readonly key: string
}

export interface Party extends Identity {
  /** The certificate itself. */
  readonly der: Hex
  /** The secret octets of its key: seed or scalar. */
  readonly secret: Hex
}

/** A CA and a certificate for each end. */
export interface Parties {
  readonly ca: Party
  readonly client: Party
  readonly server: Party
}

/** Who may fetch keys, and from whom. ECDSA P-256, since the TLS of Node 20 has no ML-DSA. */
export interface DeliveryParties {
  readonly ca: string
  readonly keyManagers: Readonly<Record<'client' | 'server', Identity>>
  readonly saes: Readonly<Record<'client' | 'server', Identity>>
}

export interface Materials {
  /** By algorithm; those that the scenarios of this run ask for. */
  readonly parties: Readonly<Partial<Record<IssuedAlgorithm, Parties>>>
  readonly delivery: DeliveryParties
  readonly authPsk: { readonly identity: string; readonly key: Hex }
  /** As node:tls has them, 48 octets. */
  readonly ticketKeys: Hex
}

export const SERVER_NAME = 'server.example'
export const SAES = { client: 'sae-client', server: 'sae-server' } as const
export const KEY_MANAGERS = { client: 'KME-A', server: 'KME-B' } as const

/** A function of the seed, but for the signatures and dates in the certificates. */
export function makeMaterials(seed: Uint8Array, algorithms: readonly IssuedAlgorithm[] = ['mldsa44']): Materials {
  const random = seededRandom(seed, 'keys')
  const crypto = seededKeys(defaultProvider(), seededRandom(seed, 'certificates'))
  return {
    parties: Object.fromEntries(
      [...new Set(algorithms)].map((algorithm) => [algorithm, makeParties(algorithm, crypto)]),
    ),
    delivery: makeDelivery(crypto),
    authPsk: { identity: 'branch-17', key: toHex(random(32)) },
    ticketKeys: toHex(random(48)),
  }
}

function makeParties(algorithm: IssuedAlgorithm, crypto: CryptoProvider): Parties {
  const ca = createCertificateAuthority({ commonName: 'Harness CA', algorithm, crypto, days: 1 })
  const issue = (name: string) => issueCertificate({ ca, subjectAltNames: [name], algorithm, crypto, days: 1 })
  return { ca: party(ca), client: party(issue('client.example')), server: party(issue(SERVER_NAME)) }
}

function makeDelivery(crypto: CryptoProvider): DeliveryParties {
  const algorithm = 'ecdsa-p256'
  const ca = createCertificateAuthority({ commonName: 'Harness key manager CA', algorithm, crypto, days: 1 })
  const issue = (commonName: string): Identity => {
    const subjectAltNames = ['localhost', '127.0.0.1']
    const { certificatePem, privateKeyPem } = issueCertificate({
      ca,
      commonName,
      subjectAltNames,
      algorithm,
      crypto,
      days: 1,
    })
    return { cert: certificatePem, key: privateKeyPem }
  }
  const both = (names: Readonly<Record<'client' | 'server', string>>) => ({
    client: issue(names.client),
    server: issue(names.server),
  })
  return { ca: ca.certificatePem, keyManagers: both(KEY_MANAGERS), saes: both(SAES) }
}

function party({ certificatePem, privateKeyPem, certificateDer }: CertifiedKey): Party {
  const material = parsePrivateKey(privateKeyPem)
  const secret = 'seed' in material ? material.seed : 'scalar' in material ? material.scalar : new Uint8Array(0)
  const made = { cert: certificatePem, key: privateKeyPem, der: toHex(certificateDer), secret: toHex(secret) }
  wipePrivateKey(material)
  return made
}

/** The provider, with signing keys and other randomness out of `random`. */
function seededKeys(provider: CryptoProvider, random: (length: number) => Uint8Array): CryptoProvider {
  return {
    ...provider,
    randomBytes: random,
    generateSigningKey: (algorithm) =>
      algorithm === 'ecdsa-p256' || algorithm === 'ecdsa-p384'
        ? { algorithm, scalar: random(algorithm === 'ecdsa-p256' ? 32 : 48) }
        : { algorithm, seed: random(32) },
  }
}
