/** Certificate and CertificateVerify (RFC 9846 sections 4.5.2 and 4.5.3), held against the inputs. */
import { fromHex, toHex } from '../../../bytes.js'
import { type CryptoProvider, schemeByCodePoint } from '../../../crypto/index.js'
import type { Identity, Inputs, Role, TraceFile } from '../trace.js'
import { certificateVerifyInput, MESSAGE_NAMES, readCertificate, readCertificateVerify } from './hellos.js'

/**
 * @param before Transcript-Hash of everything before `message`
 * @param trusted whether this end said what its inputs make it say
 * @returns what a CertificateVerify adds to the values
 */
export function authenticate(
  crypto: CryptoProvider,
  identities: TraceFile['identities'],
  inputs: Inputs,
  from: Role,
  message: Uint8Array,
  before: Uint8Array,
  trusted: boolean,
): Record<string, unknown> {
  const type = MESSAGE_NAMES[message[0] as number]
  const identity = identities[inputs[from].identity ?? '']
  if (type === 'Certificate' && trusted) checkCertificate(identity, message, from)
  if (type !== 'CertificateVerify') return {}
  if (identity === undefined) throw new Error(`the inputs give the ${from} no key to sign with`)
  const { scheme, signature } = readCertificateVerify(message)
  const name = schemeByCodePoint(scheme)
  const input = certificateVerifyInput(from, before)
  const key = crypto.signingKey({ algorithm: identity.algorithm, seed: fromHex(identity.seed) })
  const verified =
    name !== undefined && crypto.verifyingKey(identity.algorithm, key.publicKey).verify(name, input, signature)
  if (trusted && !verified) throw new Error(`the CertificateVerify of the ${from} does not verify`)
  return {
    [`${from}SignatureScheme`]: scheme.toString(16).padStart(4, '0'),
    [`${from}SigningKeySeed`]: identity.seed,
    [`${from}CertificateVerify`]: { transcriptHash: toHex(before), input: toHex(input) },
  }
}

function checkCertificate(identity: Identity | undefined, message: Uint8Array, from: Role): void {
  const sent = readCertificate(message)
  const [first] = sent
  const own = identity?.certificate ?? identity?.subjectPublicKeyInfo
  if (sent.length > 1 || first !== own) throw new Error(`the ${from} shows another certificate than that of the inputs`)
}
