/** The command line but for the process around it: exit status 0 for success, 1 for a failed operation, 2 for wrong usage. */
import { readFileSync } from 'node:fs'
import { Command, CommanderError, type OutputConfiguration } from 'commander'
import { TrefoilError } from '../errors.js'
import { type ErrorEvent, errorEvent } from './output.js'

const FAILED = 1
const WRONG_USAGE = 2

/** By name, in the order of the help. */
const COMMANDS = {
  demo: async () => (await import('./demo.js')).demoCommand(),
  serve: async () => (await import('./serve.js')).serveCommand(),
  connect: async () => (await import('./connect.js')).connectCommand(),
  tunnel: async () => (await import('./tunnel.js')).tunnelCommand(),
  cert: async () => (await import('./cert/index.js')).certCommand(),
  trust: async () => (await import('./trust/trust.js')).trustCommand(),
  kme: async () => (await import('./kme.js')).kmeCommand(),
  doctor: async () => (await import('./doctor.js')).doctorCommand(),
  keyfile: async () => (await import('./keyFile.js')).keyFileCommand(),
  rndl: async () => (await import('./rndl.js')).rndlCommand(),
  bench: async () => (await import('./bench.js')).benchCommand(),
  vectors: async () => (await import('./vectors.js')).vectorsCommand(),
} satisfies Record<string, () => Promise<Command>>

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
  for (const command of await commandsFor(argv)) program.addCommand(command)
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

/** The one that was asked for, since loading all of them takes longer than most of them run; all for whoever asks what there is. */
function commandsFor([, , name = '']: readonly string[]): Promise<Command[]> {
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name as keyof typeof COMMANDS] : null
  return Promise.all(load === null ? Object.values(COMMANDS).map((one) => one()) : [load()])
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
