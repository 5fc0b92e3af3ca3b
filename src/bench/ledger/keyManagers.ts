/** Live key managers on the loopback interface, with mutual TLS, and the key sources of both ends. */
import { randomBytes } from 'node:crypto'
import { defaultProvider } from '../../crypto/index.js'
import { createCertificateAuthority, issueCertificate } from '../../pki/index.js'
import { createKeyManagerPair, etsi014, type MutualTlsCredentials } from '../../qkd/index.js'
import type { KeySources } from '../handshakes/keySources.js'
import { SAES } from '../handshakes/materials.js'

const KME_IDS = { client: 'KME-A', server: 'KME-B' } as const

/** Runs `work` with them, and ends them afterwards. */
export async function withKeyManagers<T>(work: (sources: KeySources) => Promise<T>): Promise<T> {
  const issue = authority()
  const { a, b } = createKeyManagerPair({
    siteA: { kmeId: KME_IDS.client, sae: [SAES.client], tls: issue(KME_IDS.client) },
    siteB: { kmeId: KME_IDS.server, sae: [SAES.server], tls: issue(KME_IDS.server) },
    random: (length) => randomBytes(length),
  })
  try {
    const [{ url: urlA }, { url: urlB }] = [await a.listen(0), await b.listen(0)]
    const sources = [
      etsi014({ url: urlA, ...issue(SAES.client) }),
      etsi014({ url: urlB, ...issue(SAES.server) }),
    ] as const
    try {
      return await work(sources)
    } finally {
      await Promise.all(sources.map((source) => source.close()))
    }
  } finally {
    await Promise.all([a.close(), b.close()])
  }
}

/** ECDSA, since the TLS of Node 20 has no ML-DSA. */
function authority(): (commonName: string) => MutualTlsCredentials {
  const crypto = defaultProvider()
  const algorithm = 'ecdsa-p256'
  const ca = createCertificateAuthority({ commonName: 'Bench key manager CA', algorithm, crypto, days: 1 })
  return (commonName) => {
    const subjectAltNames = ['localhost', '127.0.0.1']
    const leaf = issueCertificate({ ca, commonName, subjectAltNames, algorithm, crypto, days: 1 })
    return { cert: leaf.certificatePem, key: leaf.privateKeyPem, ca: ca.certificatePem }
  }
}
