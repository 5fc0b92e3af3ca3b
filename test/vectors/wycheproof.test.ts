import { describeVectors } from '../support/vectors.js'
import { filesIn, itRuns } from './sharedFiles.js'

describeVectors('the known answers of Wycheproof hold', () => {
  itRuns(filesIn('wycheproof', /^(?!.*mldsa)/), {
    'wycheproof/aes_gcm_test.json': {
      'AES-GCM with keys of 192 bits, which are refused: no cipher suite of TLS 1.3 has them': 71,
      'nonces of other than the 12 octets of TLS, which are refused': 58,
    },
  })
})
