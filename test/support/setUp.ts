/** Runs before each test file (vitest.config.ts names it). */
import { afterAll } from 'vitest'
import { endFile } from './endOfFile.js'

afterAll(endFile)
