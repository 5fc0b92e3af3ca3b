#!/usr/bin/env node
/** `trefoil` as a process. */
import { runCommandLine } from './commandLine.js'
import { endWithoutReader } from './lostReader.js'

endWithoutReader()
process.exitCode = await runCommandLine(process.argv)
