/** `trefoil vectors`: runs known-answer files. Exit status 1 when a case fails, or a path has nothing that could be run. */
import { Command, Option } from 'commander'
import type { CryptoProvider } from '../crypto/provider.js'
import {
  describeVectorSources,
  type PathWithoutVectors,
  runVectors,
  VECTOR_PROVIDERS,
  type VectorRun,
  vectorsHold,
} from '../vectors/index.js'
import { type Printer, printer } from './output.js'
import { failureEvent, fileEvent, summaryEvent } from './vectors/events.js'
import { describeFile, describeRun, describeSummary } from './vectors/text.js'

interface VectorsOptions {
  readonly provider?: string
  readonly json?: boolean
}

export function vectorsCommand(): Command {
  const names = VECTOR_PROVIDERS.map(({ name }) => name)
  return new Command('vectors')
    .description('run known-answer files (ACVP, Wycheproof, RFC 8448 style, Trefoil traces), known by their contents')
    .argument('<path...>', 'files, or folders of them')
    .addOption(new Option('--provider <name>', 'run by this provider alone (default: each)').choices(names))
    .option('--json', 'print machine-readable lines')
    .addHelpText('after', `\nWhere public known answers come from:\n${describeVectorSources()}`)
    .action(run)
}

async function run(paths: readonly string[], { provider, json = false }: VectorsOptions): Promise<void> {
  const providers = VECTOR_PROVIDERS.filter(({ name }) => provider === undefined || name === provider)
  const print = printer(json)
  const report = await runVectors(paths, { providers, onRun: runPrinter(print, json) })
  for (const path of report.withoutVectors) complain(path, print, json)
  print(summaryEvent(report), describeSummary(report, namesOf(providers)))
  // The command has done its work; the summary says what it found.
  if (!vectorsHold(report)) process.exitCode = 1
}

function runPrinter(print: Printer, json: boolean): (run: VectorRun) => void {
  let path: string | null = null
  return (run) => {
    if (json) {
      print(fileEvent(run), '')
      for (const failure of run.failures) print(failureEvent(run, failure), '')
      return
    }
    if (run.path !== path) print({}, describeFile(run))
    path = run.path
    print({}, describeRun(run))
  }
}

/** On stderr for people; with --json a line like that of any other failed operation. */
function complain({ path, reason, missing }: PathWithoutVectors, print: Printer, json: boolean): void {
  const message = `${path}: ${reason}`
  const sources = missing ? `\nPublic known answers come from\n${describeVectorSources()}` : ''
  if (json) print({ event: 'error', code: 'ERR_INVALID_OPTION', alert: null, message: `${message}${sources}` }, '')
  else process.stderr.write(`trefoil: ${message}${sources}\n`)
}

function namesOf(providers: readonly CryptoProvider[]): readonly string[] {
  return providers.map(({ name }) => name)
}
