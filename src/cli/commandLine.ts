/** The command line but for the process around it: exit status 0 for success, 1 for a failed operation, 2 for wrong usage. */
import { readFileSync } from 'node:fs'
import { Command, CommanderError, type OutputConfiguration } from 'commander'
import { TrefoilError } from '../errors.js'
import { benchCommand } from './bench.js'
import { certCommand } from './cert/index.js'
import { connectCommand } from './connect.js'
import { demoCommand } from './demo.js'
import { doctorCommand } from './doctor.js'
import { keyFileCommand } from './keyFile.js'
import { kmeCommand } from './kme.js'
import { type ErrorEvent, errorEvent } from './output.js'
import { rndlCommand } from './rndl.js'
import { serveCommand } from './serve.js'
import { trustCommand } from './trust/trust.js'
import { tunnelCommand } from './tunnel.js'
import { vectorsCommand } from './vectors.js'

const FAILED = 1
const WRONG_USAGE = 2

/**
 * Runs one command to its end.
 * @param argv as in process.argv
 * @param usage where help and mistakes in the usage are written, unless to stdout and stderr
 * @returns the exit status
 */
export async function runCommandLine(argv: readonly string[], usage: OutputConfiguration = {}): Promise<number> {
  const program = new Command('trefoil')
    .description('TLS 1.3 whose secrecy rests on X25519, ML-KEM and a QKD key')
    .version(version(), '--version')
  const commands = [
    demoCommand(),
    serveCommand(),
    connectCommand(),
    tunnelCommand(),
    certCommand(),
    trustCommand(),
    kmeCommand(),
    doctorCommand(),
    keyFileCommand(),
    rndlCommand(),
    benchCommand(),
    vectorsCommand(),
  ]
  for (const command of commands) program.addCommand(command)
  configure(program, usage)
  try {
    await program.parseAsync(argv)
    // A command that did its work and found something wrong says so itself.
    return process.exitCode === undefined ? 0 : FAILED
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : WRONG_USAGE
    report(errorEvent(thrown), argv.includes('--json'))
    if (!(thrown instanceof TrefoilError)) process.stderr.write(`${(thrown as Error).stack}\n`)
    return FAILED
  }
}

function report(event: ErrorEvent, json: boolean): void {
  if (json) process.stdout.write(`${JSON.stringify(event)}\n`)
  else process.stderr.write(`trefoil: ${event.message} (${event.code})\n`)
}

/** Commands throw where commander would end the process. */
function configure(command: Command, usage: OutputConfiguration): void {
  command.exitOverride().configureOutput(usage)
  for (const subcommand of command.commands) configure(subcommand, usage)
}

function version(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  return String(version)
}
