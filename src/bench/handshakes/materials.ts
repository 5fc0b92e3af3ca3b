/** Certificates and keys of the ends that are measured, made once for each algorithm. */
import { defaultProvider } from '../../crypto/index.js'
import { createCertificateAuthority, type IssuedAlgorithm, issueCertificate } from '../../pki/index.js'

/** PEM. */
export interface Identity {
  readonly cert: string
  readonly key: string
}

/** A root, which both ends have pinned, and what it has issued directly. */
export interface Parties {
  readonly ca: string
  readonly client: Identity
  readonly server: Identity
}

export const SERVER_NAME = 'server.example'
export const SAES = { client: 'sae-client', server: 'sae-server' } as const

const made = new Map<IssuedAlgorithm, Parties>()

export function partiesOf(algorithm: IssuedAlgorithm): Parties {
  const known = made.get(algorithm)
  if (known !== undefined) return known
  const crypto = defaultProvider()
  const ca = createCertificateAuthority({ commonName: 'Bench CA', algorithm, crypto, days: 1 })
  const issue = (name: string): Identity => {
    const issued = issueCertificate({ ca, subjectAltNames: [name], algorithm, crypto, days: 1 })
    return { cert: issued.certificatePem, key: issued.privateKeyPem }
  }
  const parties = { ca: ca.certificatePem, client: issue('client.example'), server: issue(SERVER_NAME) }
  made.set(algorithm, parties)
  return parties
}
