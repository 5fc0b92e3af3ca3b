// Who is who: certificates of the service, and of key managers and SAEs.
import { defaultProvider } from 'trefoil/crypto'
import { createCertificateAuthority, issueCertificate } from 'trefoil/pki'

export const SAE = { client: 'sae-a', server: 'sae-b' }

const crypto = defaultProvider()

/** Of the service, with a new key each. */
export class Identities {
  #ca = createCertificateAuthority({ commonName: 'Soak CA', crypto })

  get certificatePem() {
    return this.#ca.certificatePem
  }

  issue() {
    const issued = issueCertificate({ ca: this.#ca, subjectAltNames: ['localhost'], crypto })
    return { cert: issued.certificatePem, key: issued.privateKeyPem }
  }
}

/** Of key managers and SAEs, by name; classical, since the TLS of Node 20 knows nothing else. */
export function credentialsOfLinks() {
  const ca = createCertificateAuthority({ commonName: 'Key manager CA', algorithm: 'ecdsa-p256', crypto })
  const issue = (commonName) => {
    const issued = issueCertificate({ ca, commonName, subjectAltNames: ['127.0.0.1'], algorithm: 'ecdsa-p256', crypto })
    return { cert: issued.certificatePem, key: issued.privateKeyPem, ca: ca.certificatePem }
  }
  return Object.fromEntries(['KME-A', 'KME-B', SAE.client, SAE.server].map((name) => [name, issue(name)]))
}
