/** Making requests for certificates (PKCS#10, RFC 2986), and granting them: what is asked for is not what is given. */
import { AsnConvert, BitString, OctetString } from '@peculiar/asn1-schema'
import * as x509 from '@peculiar/asn1-x509'
import type { CryptoProvider, SigningKey } from '../crypto/provider.js'
import type { KeyAlgorithm } from '../crypto/signatureSchemes.js'
import { TrefoilError } from '../errors.js'
import { Element } from './asn1Types.js'
import { commonNameSubject, signingScheme } from './certificateBuilder.js'
import {
  Attribute,
  AttributeValues,
  type CertificateRequest,
  CertificationRequest,
  CertificationRequestInfo,
  EXTENSION_REQUEST,
} from './certificateRequest.js'
import { isSignedBy } from './certificateSignature.js'
import { AlgorithmIdentifier, Name, SubjectPublicKeyInfo } from './certificateTypes.js'
import type { Passphrase } from './encryptedPrivateKey.js'
import { formatGeneralName, type GeneralName } from './generalName.js'
import { generalNameValue } from './generalNameWriter.js'
import {
  type CertifiedKey,
  type CertifyOptions,
  certifyPublicKey,
  DEFAULT_ALGORITHM,
  generateKey,
  type IssuedAlgorithm,
} from './issue.js'
import { checkCommonName, firstName } from './issueChecks.js'
import { parseNameConstraint, parseSubjectAltName } from './issueNames.js'
import { brief } from './name.js'
import { isNameWithin } from './nameConstraints.js'
import { writePem } from './pem.js'
import { loadPrivateKey } from './privateKey.js'
import { encodePublicKey } from './publicKey.js'
import { isTooShort } from './rsaKey.js'
import { readElement, readValue, writeValue } from './strictAsn1.js'

export interface CertificateRequestOptions {
  /** At most 64 characters; the first of `subjectAltNames` that fits unless given. */
  readonly commonName?: string | undefined
  /** Asked for: DNS names, IP addresses, `URI:…` and `email:…`. */
  readonly subjectAltNames?: readonly string[] | undefined
  /** The kind of a fresh key, unless `privateKeyPem` is given; mldsa65 unless given. */
  readonly algorithm?: IssuedAlgorithm | undefined
  /** The key to certify; a fresh one is made unless given. */
  readonly privateKeyPem?: string | undefined
  /** For a key that is given encrypted. */
  readonly passphrase?: Passphrase | undefined
  readonly crypto: CryptoProvider
}

/** A request with its private key. */
export interface RequestedKey {
  readonly requestPem: string
  /** PEM PKCS#8: the key that was given, or the one that was made. A secret. */
  readonly privateKeyPem: string
  readonly requestDer: Uint8Array
  readonly algorithm: KeyAlgorithm
}

export interface GrantOptions extends CertifyOptions {
  readonly request: CertificateRequest
  /**
   * Which of the names that are asked for may be copied, as `nameConstraints` are written: `example.com` allows it and
   * all below. One that is asked for and not allowed refuses the request. Not together with `subjectAltNames`, which
   * stands for what is asked for, whatever that is.
   */
  readonly allowedNames?: readonly string[] | undefined
}

/**
 * A request, signed with the key that it is for.
 * @throws TrefoilError ERR_INVALID_OPTION for a name that cannot be written; ERR_INVALID_KEY and
 *   ERR_UNSUPPORTED_ALGORITHM when the key cannot be used
 */
export function createCertificateRequest(options: CertificateRequestOptions): RequestedKey {
  const { subjectAltNames = [] } = options
  const names = subjectAltNames.map(parseSubjectAltName)
  const subject = commonNameSubject(checkCommonName(options.commonName ?? firstName(subjectAltNames)))
  const { key, privateKeyPem } = requestedKey(options)
  try {
    const requestDer = buildRequest(key, subject, names)
    return {
      requestPem: writePem('CERTIFICATE REQUEST', requestDer),
      privateKeyPem,
      requestDer,
      algorithm: key.algorithm,
    }
  } finally {
    key.wipe()
  }
}

/**
 * A certificate for the key in a request. Of the rest of the request only its names are looked at, and those are copied
 * only as `allowedNames` says; the subject, the usage and what an authority may do are for the caller to say.
 * @throws TrefoilError ERR_INVALID_OPTION when the request is not signed by its own key, asks to be an authority (and
 *   `isCa` is not set), or asks for names that are not allowed; else as `issueCertificate`
 */
export function grantRequest(options: GrantOptions): Pick<CertifiedKey, 'certificatePem' | 'certificateDer'> {
  const { request, crypto, isCa = false, commonName } = options
  const { algorithm, publicKey } = request.publicKeyInfo
  checkRequest(request, crypto)
  if (request.extensions.basicConstraints?.cA === true && !isCa) {
    throw refusal('the request asks for a certificate authority, which no request is granted by itself')
  }
  const subjectAltNames = isCa ? options.subjectAltNames : grantedNames(options)
  return certifyPublicKey(
    { algorithm: algorithm as KeyAlgorithm, publicKey },
    { ...options, commonName, subjectAltNames },
  )
}

/**
 * Whether the request's maker has its key, and the key is one that may be certified.
 * @throws TrefoilError ERR_INVALID_OPTION
 */
export function checkRequest(request: CertificateRequest, crypto: CryptoProvider): void {
  const { algorithm, objectIdentifier, publicKey } = request.publicKeyInfo
  if (algorithm === null) throw refusal(`the request is for a key of a kind not known here (${objectIdentifier})`)
  if (algorithm.startsWith('rsa') && isTooShort(publicKey))
    throw refusal('the request is for an RSA key that is too short')
  if (!isSigned(request, crypto)) throw refusal('the request is not signed by the key that it is for')
}

function requestedKey({ algorithm, privateKeyPem, passphrase, crypto }: CertificateRequestOptions): {
  key: SigningKey
  privateKeyPem: string
} {
  if (privateKeyPem !== undefined) return { key: loadPrivateKey(privateKeyPem, crypto, { passphrase }), privateKeyPem }
  return generateKey(algorithm ?? DEFAULT_ALGORITHM, crypto)
}

function isSigned(request: CertificateRequest, crypto: CryptoProvider): boolean {
  try {
    return isSignedBy(request, request, crypto)
  } catch (error) {
    if (error instanceof TrefoilError && error.code === 'ERR_BAD_CERTIFICATE') return false
    throw error
  }
}

function grantedNames({ request, subjectAltNames, allowedNames }: GrantOptions): readonly string[] {
  if (subjectAltNames !== undefined && allowedNames !== undefined) {
    throw refusal('names are either given or copied as far as they are allowed, not both')
  }
  if (subjectAltNames !== undefined) return subjectAltNames
  const allowed = (allowedNames ?? []).map(parseNameConstraint)
  return request.extensions.subjectAltNames.map((name) => {
    const shown = brief(formatGeneralName(name))
    if (!allowed.some((base) => isNameWithin(name, base))) {
      throw refusal(`the request asks for the name ${shown}, which is not allowed`)
    }
    return writtenName(name)
  })
}

/** The name as `parseSubjectAltName` reads it, which has the last word on whether it is one. */
function writtenName(name: GeneralName): string {
  switch (name.kind) {
    case 'dns':
      return `DNS:${name.value}`
    case 'email':
      return `email:${name.value}`
    case 'uri':
      return `URI:${name.value}`
    default:
      return formatGeneralName(name).replace(/^IP Address:/, 'IP:')
  }
}

function buildRequest(key: SigningKey, subject: Uint8Array, names: readonly GeneralName[]): Uint8Array {
  const info = new CertificationRequestInfo()
  info.subject = readValue(subject, Name)
  info.subjectPKInfo = readValue(encodePublicKey(key.algorithm, key.publicKey), SubjectPublicKeyInfo)
  if (names.length > 0) info.attributes.push(extensionRequest(names))
  const { scheme, identifier } = signingScheme(key)
  const request = new CertificationRequest()
  request.certificationRequestInfo = info
  request.signatureAlgorithm = readValue(identifier, AlgorithmIdentifier)
  request.signature = new BitString(key.sign(scheme, writeValue(info)))
  return writeValue(request)
}

function extensionRequest(names: readonly GeneralName[]): Attribute {
  const value = new x509.SubjectAlternativeName(names.map(generalNameValue))
  const extnValue = new OctetString(AsnConvert.serialize(value))
  const extensions = new x509.Extensions([new x509.Extension({ extnID: x509.id_ce_subjectAltName, extnValue })])
  const attribute = new Attribute()
  attribute.type.text = EXTENSION_REQUEST
  attribute.values = new AttributeValues([
    new Element().fromASN(readElement(new Uint8Array(AsnConvert.serialize(extensions)))),
  ])
  return attribute
}

const refusal = (message: string): TrefoilError => new TrefoilError('ERR_INVALID_OPTION', message)
