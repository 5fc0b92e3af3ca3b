/** Certificates for the interoperability tests: real ones, made by src/pki, as PEM that Trefoil and its peers read. */
import { generateKeyPairSync } from 'node:crypto'
import { defaultProvider, type SigningKey } from '../../src/crypto/index.js'
import { buildCertificate, commonNameSubject } from '../../src/pki/certificateBuilder.js'
import {
  type CertifiedKey,
  createCertificateAuthority,
  type IssuedAlgorithm,
  type IssueOptions,
  issueCertificate,
  loadPrivateKey,
  parseCertificate,
  writePem,
} from '../../src/pki/index.js'
import { parseSubjectAltName } from '../../src/pki/issueNames.js'

export interface Identity {
  readonly cert: string
  readonly key: string
  /** The root that the certificate leads to. */
  readonly ca: string
}

/** What either end calls itself. */
export const NAMES = ['localhost', '127.0.0.1']

const crypto = defaultProvider()

/** The same root whenever it is asked for: making keys takes longer than most handshakes. */
export const authority = kept((algorithm: IssuedAlgorithm) =>
  createCertificateAuthority({ commonName: `Interop root ${algorithm}`, algorithm, crypto }),
)

/** A leaf of the root with the same algorithm. */
export const identity = kept((algorithm: IssuedAlgorithm) => issue(algorithm))

/** A leaf below an intermediate authority, which the PEM carries along. */
export const identityBelowIntermediate = kept((algorithm: IssuedAlgorithm): Identity => {
  const intermediate = issueCertificate({
    ca: authority(algorithm),
    commonName: 'Interop intermediate',
    isCa: true,
    pathLength: 0,
    algorithm,
    crypto,
  })
  return { ...issue(algorithm, { ca: intermediate }), ca: authority(algorithm).certificatePem }
})

/** A leaf that something is wrong with: whatever `options` say. */
export function issue(algorithm: IssuedAlgorithm, options: Partial<IssueOptions> = {}): Identity {
  const ca = options.ca ?? authority(algorithm)
  const { certificatePem, privateKeyPem } = issueCertificate({
    ca,
    subjectAltNames: NAMES,
    algorithm,
    crypto,
    ...options,
  })
  return { cert: certificatePem, key: privateKeyPem, ca: ca.certificatePem }
}

/** A root that nobody trusts, with the name of one that they do. */
export function impostor(algorithm: IssuedAlgorithm): CertifiedKey {
  return createCertificateAuthority({ commonName: `Interop root ${algorithm}`, algorithm, crypto })
}

/** A leaf with an rsaEncryption or an id-RSASSA-PSS key below the P-256 root; Trefoil itself makes no RSA keys. */
export const rsaIdentity = kept((kind: 'rsa' | 'rsa-pss'): Identity => {
  const ca = authority('ecdsa-p256')
  const { key, spki } = generateRsaKey(kind)
  const signer = loadPrivateKey(ca.privateKeyPem, crypto)
  const certificate = certifyRsaKey(ca, signer, spki)
  return { cert: writePem('CERTIFICATE', certificate), key, ca: ca.certificatePem }
})

function generateRsaKey(kind: 'rsa' | 'rsa-pss'): { key: string; spki: Uint8Array } {
  const options = { modulusLength: 2048 }
  const { privateKey, publicKey } =
    kind === 'rsa' ? generateKeyPairSync('rsa', options) : generateKeyPairSync('rsa-pss', options)
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    spki: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })),
  }
}

function certifyRsaKey(ca: CertifiedKey, signer: SigningKey, subjectPublicKeyInfo: Uint8Array): Uint8Array {
  const { subject, extensions } = parseCertificate(ca.certificateDer)
  const day = 86_400_000
  return buildCertificate({
    signer,
    issuer: subject.der,
    subject: commonNameSubject('rsa'),
    subjectPublicKeyInfo,
    subjectKeyIdentifier: crypto.hash('SHA-256', subjectPublicKeyInfo).slice(0, 20),
    authorityKeyIdentifier: extensions.subjectKeyIdentifier as Uint8Array,
    subjectAltNames: NAMES.map(parseSubjectAltName),
    role: { kind: 'leaf', usage: ['server', 'client'] },
    notBefore: Date.now() - day,
    notAfter: Date.now() + day,
    crypto,
  })
}

function kept<Name extends string, Made>(make: (name: Name) => Made): (name: Name) => Made {
  const made = new Map<Name, Made>()
  return (name) => {
    const found = made.get(name) ?? make(name)
    made.set(name, found)
    return found
  }
}
