/** Certificates for the keys of others, from a CA that asks for no proof of possession. */
import { nodeProvider } from '../../src/crypto/index.js'
import { certifyPublicKey, loadCertificates, parseCertificate } from '../../src/pki/index.js'
import { testCa } from '../modes/identities.js'

/** The key of that certificate under another name, by the trusted CA. PEM. */
export function underOtherName(name: string, { cert }: { readonly cert: string }): string {
  const { algorithm, publicKey } = parseCertificate(loadCertificates(cert)[0] as Uint8Array).publicKeyInfo
  if (algorithm === null) throw new Error('the certificate has no key that signs')
  const terms = { ca: testCa, subjectAltNames: [name], crypto: nodeProvider }
  return certifyPublicKey({ algorithm, publicKey }, terms).certificatePem
}
