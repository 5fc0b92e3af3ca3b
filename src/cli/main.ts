#!/usr/bin/env node
/** `trefoil` as a process. */
import { runCommandLine } from './commandLine.js'

process.exitCode = await runCommandLine(process.argv)
