/** Writes and signs one certificate (RFC 5280 4.1 and 4.2), with the schemas of @peculiar/asn1-x509. */
import { AsnConvert, OctetString } from '@peculiar/asn1-schema'
import * as x509 from '@peculiar/asn1-x509'
import { equalBytes, fromHex } from '../bytes.js'
import type { CryptoProvider, SigningKey } from '../crypto/provider.js'
import type { KeyAlgorithm, SignatureSchemeName } from '../crypto/signatureSchemes.js'
import { TrefoilError } from '../errors.js'
import { signatureIdentifier } from './algorithms.js'
import { parseCertificate } from './certificate.js'
import type { CertificateUsage } from './certificateChecks.js'
import type { NameConstraints } from './extensions.js'
import type { GeneralName } from './generalName.js'
import { generalNameValue, nameConstraintsValue } from './generalNameWriter.js'

export interface CertificatePlan {
  readonly signer: SigningKey
  /** Encoded names. */
  readonly issuer: Uint8Array
  readonly subject: Uint8Array
  readonly subjectPublicKeyInfo: Uint8Array
  readonly subjectKeyIdentifier: Uint8Array
  readonly authorityKeyIdentifier: Uint8Array
  readonly subjectAltNames: readonly GeneralName[]
  readonly role:
    | {
        readonly kind: 'authority'
        readonly pathLength: number | null
        readonly nameConstraints: NameConstraints | null
      }
    | { readonly kind: 'leaf'; readonly usage: readonly CertificateUsage[] }
  /** Milliseconds of the Unix epoch. */
  readonly notBefore: number
  readonly notAfter: number
  /** Content octets of a positive INTEGER; random unless given. */
  readonly serialNumber?: Uint8Array | undefined
  readonly crypto: CryptoProvider
}

/** What each kind of key signs certificates with; RSA authorities are not kept here. */
const SIGNING_SCHEMES: Partial<Record<KeyAlgorithm, SignatureSchemeName>> = {
  mldsa44: 'mldsa44',
  mldsa65: 'mldsa65',
  mldsa87: 'mldsa87',
  'ecdsa-p256': 'ecdsa_secp256r1_sha256',
  'ecdsa-p384': 'ecdsa_secp384r1_sha384',
  ed25519: 'ed25519',
}
const SERIAL_LENGTH = 20
/** Version 3 (RFC 5280 4.1.2.1). */
const VERSION = 2

/**
 * The signed certificate in DER.
 * @throws TrefoilError ERR_UNSUPPORTED_ALGORITHM when the signer's kind of key signs no certificates here
 */
export function buildCertificate(plan: CertificatePlan): Uint8Array {
  const { signer, crypto } = plan
  const { scheme, identifier } = signingScheme(signer)
  const signatureAlgorithm = AsnConvert.parse(identifier, x509.AlgorithmIdentifier)
  const tbsCertificate = new x509.TBSCertificate({
    version: VERSION,
    serialNumber: arrayBuffer(plan.serialNumber ?? serialNumber(crypto)),
    signature: signatureAlgorithm,
    issuer: AsnConvert.parse(plan.issuer, x509.Name),
    validity: new x509.Validity({ notBefore: new Date(plan.notBefore), notAfter: new Date(plan.notAfter) }),
    subject: AsnConvert.parse(plan.subject, x509.Name),
    subjectPublicKeyInfo: AsnConvert.parse(plan.subjectPublicKeyInfo, x509.SubjectPublicKeyInfo),
    extensions: new x509.Extensions(extensions(plan)),
  })
  const signature = signer.sign(scheme, new Uint8Array(AsnConvert.serialize(tbsCertificate)))
  const certificate = new x509.Certificate({
    tbsCertificate,
    signatureAlgorithm,
    signatureValue: arrayBuffer(signature),
  })
  const der = new Uint8Array(AsnConvert.serialize(certificate))
  // Chains are linked by the octets of names, so a name that the library writes in another way would break the link.
  if (!equalBytes(parseCertificate(der).issuer.der, plan.issuer)) {
    throw new TrefoilError(
      'ERR_UNSUPPORTED_ALGORITHM',
      "the authority's name has an encoding that cannot be written here",
    )
  }
  return der
}

/**
 * What a key signs certificates and requests with, and the encoded AlgorithmIdentifier that says so.
 * @throws TrefoilError ERR_UNSUPPORTED_ALGORITHM for a kind of key that signs none here
 */
export function signingScheme({ algorithm }: SigningKey): { scheme: SignatureSchemeName; identifier: Uint8Array } {
  const scheme = SIGNING_SCHEMES[algorithm]
  const identifier = scheme && signatureIdentifier(scheme)
  if (scheme !== undefined && identifier !== undefined) return { scheme, identifier: fromHex(identifier) }
  throw new TrefoilError('ERR_UNSUPPORTED_ALGORITHM', `no certificates are signed here with ${algorithm} keys`)
}

/** An encoded name that is just a common name. */
export function commonNameSubject(commonName: string): Uint8Array {
  const value = new x509.AttributeValue({ utf8String: commonName })
  const attribute = new x509.AttributeTypeAndValue({ type: '2.5.4.3', value })
  return new Uint8Array(AsnConvert.serialize(new x509.Name([new x509.RelativeDistinguishedName([attribute])])))
}

/** RFC 5280 4.1.2.2: positive, at most 20 octets; random, so that a serial number cannot be foreseen. */
function serialNumber(crypto: CryptoProvider): Uint8Array {
  const serial = crypto.randomBytes(SERIAL_LENGTH)
  serial[0] = ((serial[0] as number) & 0x3f) | 0x40
  return serial
}

function extensions(plan: CertificatePlan): x509.Extension[] {
  const { role, subjectAltNames } = plan
  const list = [
    extension(x509.id_ce_subjectKeyIdentifier, false, new x509.SubjectKeyIdentifier(plan.subjectKeyIdentifier)),
    extension(
      x509.id_ce_authorityKeyIdentifier,
      false,
      new x509.AuthorityKeyIdentifier({ keyIdentifier: new x509.KeyIdentifier(plan.authorityKeyIdentifier) }),
    ),
  ]
  const { keyCertSign, cRLSign, digitalSignature } = x509.KeyUsageFlags
  if (role.kind === 'authority') {
    const pathLength = role.pathLength === null ? {} : { pathLenConstraint: role.pathLength }
    list.push(extension(x509.id_ce_basicConstraints, true, new x509.BasicConstraints({ cA: true, ...pathLength })))
    list.push(extension(x509.id_ce_keyUsage, true, new x509.KeyUsage(keyCertSign | cRLSign)))
    if (role.nameConstraints !== null) {
      list.push(extension(x509.id_ce_nameConstraints, true, nameConstraintsValue(role.nameConstraints)))
    }
  } else {
    const purposes = role.usage.map((use) => (use === 'server' ? x509.id_kp_serverAuth : x509.id_kp_clientAuth))
    list.push(extension(x509.id_ce_basicConstraints, true, new x509.BasicConstraints({ cA: false })))
    list.push(extension(x509.id_ce_keyUsage, true, new x509.KeyUsage(digitalSignature)))
    if (purposes.length > 0) list.push(extension(x509.id_ce_extKeyUsage, true, new x509.ExtendedKeyUsage(purposes)))
  }
  if (subjectAltNames.length > 0) {
    const names = new x509.SubjectAlternativeName(subjectAltNames.map(generalNameValue))
    list.push(extension(x509.id_ce_subjectAltName, false, names))
  }
  return list
}

function extension(extnID: string, critical: boolean, value: object): x509.Extension {
  return new x509.Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) })
}

function arrayBuffer(octets: Uint8Array): ArrayBuffer {
  return new Uint8Array(octets).buffer
}
