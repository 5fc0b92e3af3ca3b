import { describeVectors } from '../support/vectors.js'
import { filesIn, itRuns } from './sharedFiles.js'

// By themselves: signing takes noble the better part of all time.
describeVectors('the known answers of Wycheproof for ML-DSA hold', () => itRuns(filesIn('wycheproof', /mldsa/)))
