import { describeVectors } from '../support/vectors.js'
import { filesIn, itRuns } from './sharedFiles.js'

describeVectors('the known answers of NIST hold', () => itRuns(filesIn('acvp')))
