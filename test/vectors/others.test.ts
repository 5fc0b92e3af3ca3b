import { readdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { describeVectors, vectorsFolder } from '../support/vectors.js'
import { filesIn, itRuns } from './sharedFiles.js'

const MEANT = 'the file does not say whether it is meant to be'
const DRAFT = `refused (the ML-DSA private key is in an old draft form: its seed must be tagged [0] (RFC 9881 6)); ${MEANT}`
const MLKEM = '2.16.840.1.101.3.4.4.2'
const MLKEM_KEY = `refused (the private key is of an algorithm that is not known here (${MLKEM})); ${MEANT}`
const NOT_THERE = 'read, but its issuer is not in the file'

describeVectors('the known answers of RFC texts, of hybrid KEMs and for PSKs hold', () => {
  itRuns([...filesIn('rfc'), ...filesIn('hybrid'), ...filesIn('psk')], {
    'rfc/rfc5869-hkdf.json': { 'SHA-1, which no cipher suite of TLS 1.3 has': 4 },
    'rfc/rfc7748-x25519.json': { '1000000 rounds, which would take hours': 1 },
  })

  it('are in folders that are all run by a test', () => {
    const tested = ['acvp', 'hybrid', 'openssl35', 'pki', 'psk', 'public-traces', 'rfc', 'rfc8448', 'wycheproof']
    const entries = readdirSync(vectorsFolder() ?? '', { withFileTypes: true })
    expect(entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)).toEqual(tested)
  })
})

describeVectors('certificates and keys say of themselves what is true, or are skipped with a word', () => {
  itRuns(filesIn('pki'), {
    'pki/boringssl-chain/mldsa-intermediate.pem': { [NOT_THERE]: 1 },
    'pki/boringssl-chain/mldsa-leaf.pem': { [NOT_THERE]: 1 },
    'pki/boringssl-spki/mldsa-44-spki-params-null.pem': { [withParameters('2.16.840.1.101.3.4.3.17')]: 1 },
    'pki/boringssl-spki/mldsa-65-spki-params-null.pem': { [withParameters('2.16.840.1.101.3.4.3.18')]: 1 },
    'pki/hackathon/botan/ML-DSA-44_seed_priv.pem': { [DRAFT]: 1 },
    'pki/hackathon/botan/ML-DSA-65_seed_priv.pem': { [DRAFT]: 1 },
    'pki/hackathon/botan/ML-DSA-87_seed_priv.pem': { [DRAFT]: 1 },
    'pki/rfc9881/bad-ML-DSA-44-1.priv': {
      [`refused (the ML-DSA private key has an expanded form that is not that of its seed); ${MEANT}`]: 1,
    },
    'pki/rfc9881/bad-ML-DSA-44-2.priv': {
      [`refused (${expanded('holds the hash of another public key (tr)')}); ${MEANT}`]: 1,
    },
    'pki/rfc9881/bad-ML-DSA-44-3.priv': {
      [`refused (${expanded('holds a t0 that does not follow from its s1 and s2')}); ${MEANT}`]: 1,
    },
    'pki/rfc9935/ML-KEM-768-both.priv': { [MLKEM_KEY]: 1 },
    'pki/rfc9935/ML-KEM-768-expanded.priv': { [MLKEM_KEY]: 1 },
    'pki/rfc9935/ML-KEM-768-seed.priv': { [MLKEM_KEY]: 1 },
    'pki/rfc9935/ML-KEM-768.crt': {
      'read, but no signature can be by the key of its issuer, which is of another kind': 1,
    },
    'pki/rfc9935/ML-KEM-768.pub': { [`read, but of an algorithm that signs nothing here (${MLKEM})`]: 1 },
  })
})

function withParameters(algorithm: string): string {
  return `refused (the public key is malformed: the algorithm ${algorithm} has parameters where it must have none); ${MEANT}`
}

function expanded(fault: string): string {
  return `the expanded form of the mldsa44 private key ${fault}`
}
