/** One key of a PEM file. */
import { utf8 } from '../../bytes.js'
import type { CryptoProvider, SigningKey, VerifyingKey } from '../../crypto/provider.js'
import { SIGNATURE_SCHEMES, type SignatureSchemeName } from '../../crypto/signatureSchemes.js'
import {
  encodePublicKey,
  loadPrivateKey,
  type PemBlock,
  type PublicKeyInfo,
  parsePrivateKey,
  parsePublicKey,
  wipePrivateKey,
  writePem,
} from '../../pki/index.js'
import { nativeOf } from '../check/native.js'
import { expectOctets, expectThat, outcomeOf, skip } from '../check/outcome.js'
import type { VectorCase } from '../format.js'
import { nativeSign, nativeVerify } from './nativeFeature.js'
import { unlessRefused } from './refused.js'

const MESSAGE = utf8('a message to see that the key signs')

/** A private key is read, which checks that its parts belong together, and signs what its public half verifies. */
export function privateKeyCase(id: string, { label, der }: PemBlock): VectorCase {
  const pem = writePem(label, der)
  return {
    id,
    ...nativeOf(() => nativeSign(algorithmIn(pem))),
    run: (provider) =>
      outcomeOf(() => {
        if (label === 'ENCRYPTED PRIVATE KEY') skip('encrypted, and there is no passphrase')
        const key = unlessRefused(() => loadPrivateKey(pem, provider))
        const scheme = schemeOf(key)
        const verifying = provider.verifyingKey(key.algorithm, key.publicKey)
        expectThat(verifying.verify(scheme, MESSAGE, key.sign(scheme, MESSAGE)), 'what the key signs does not verify')
        key.wipe()
      }),
  }
}

/** A public key is read and written again, and verifies the signature that may stand beside it. */
export function publicKeyCase(id: string, { der }: PemBlock, blocks: readonly PemBlock[]): VectorCase {
  return {
    id,
    ...nativeOf(() => nativeVerify(parsePublicKey(der).algorithm)),
    run: (provider) =>
      outcomeOf(() => {
        const info = unlessRefused(() => parsePublicKey(der))
        const key = verifyingKey(info, provider)
        expectOctets('the key, written again', encodePublicKey(key.algorithm, key.publicKey), der)
        checkSignature(key, blocks)
      }),
  }
}

function verifyingKey(
  { algorithm, objectIdentifier, publicKey }: PublicKeyInfo,
  provider: CryptoProvider,
): VerifyingKey {
  if (algorithm === null) skip(`read, but of an algorithm that signs nothing here (${objectIdentifier})`)
  return unlessRefused(() => provider.verifyingKey(algorithm, publicKey))
}

/** As BoringSSL lays it out: blocks ALGORITHM, DATA and SIGNATURE, the last a BIT STRING. */
function checkSignature(key: VerifyingKey, blocks: readonly PemBlock[]): void {
  const block = (label: string) => blocks.find((candidate) => candidate.label === label)?.der
  const [data, signature] = [block('DATA'), block('SIGNATURE')]
  if (data === undefined || signature === undefined) return
  const verified = key.verify(schemeOf(key), data, bitString(signature))
  expectThat(verified, 'the signature beside the key does not verify')
}

/** The content of a DER BIT STRING with no unused bits. */
function bitString(der: Uint8Array): Uint8Array {
  const [tag, first = 0] = der
  const lengthOctets = first < 0x80 ? 0 : first & 0x7f
  const start = 3 + lengthOctets
  const unused = der[start - 1]
  if (tag !== 0x03 || unused !== 0) throw new Error('the block SIGNATURE holds no BIT STRING')
  return der.subarray(start)
}

function schemeOf({ algorithm }: SigningKey | VerifyingKey): SignatureSchemeName {
  const names = Object.keys(SIGNATURE_SCHEMES) as SignatureSchemeName[]
  const scheme = names.find((name) => SIGNATURE_SCHEMES[name].key === algorithm)
  return scheme ?? skip(`no signature scheme has ${algorithm} keys`)
}

function algorithmIn(pem: string) {
  const material = parsePrivateKey(pem)
  wipePrivateKey(material)
  return material.algorithm
}
