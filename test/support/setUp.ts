/** Runs before each test file (vitest.config.ts names it). */
import { afterAll, beforeAll } from 'vitest'
import { forgetWarnings } from '../../src/node/psk/pskWarnings.js'
import { endFile } from './endOfFile.js'

// What is told once in the life of a process is told once in a file.
beforeAll(forgetWarnings)
afterAll(endFile)
