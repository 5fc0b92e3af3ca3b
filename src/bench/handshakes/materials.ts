/** Certificates and keys of the ends that are measured: plain JSON, since other processes are told of it. */
import { randomBytes } from 'node:crypto'
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

export interface Materials {
  readonly parties: Parties | null
  /** 32 octets, in hex. */
  readonly psk: string
}

export const SERVER_NAME = 'server.example'
export const SAES = { client: 'sae-client', server: 'sae-server' } as const

const made = new Map<IssuedAlgorithm | null, Materials>()

/** Made once in the life of the process. */
export function materialsWith(algorithm: IssuedAlgorithm | null): Materials {
  const materials = made.get(algorithm) ?? {
    parties: algorithm === null ? null : makeParties(algorithm),
    psk: randomBytes(32).toString('hex'),
  }
  made.set(algorithm, materials)
  return materials
}

function makeParties(algorithm: IssuedAlgorithm): Parties {
  const crypto = defaultProvider()
  const ca = createCertificateAuthority({ commonName: 'Bench CA', algorithm, crypto, days: 1 })
  const issue = (name: string): Identity => {
    const issued = issueCertificate({ ca, subjectAltNames: [name], algorithm, crypto, days: 1 })
    return { cert: issued.certificatePem, key: issued.privateKeyPem }
  }
  return { ca: ca.certificatePem, client: issue('client.example'), server: issue(SERVER_NAME) }
}
