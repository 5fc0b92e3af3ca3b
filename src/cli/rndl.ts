/** `trefoil rndl`: record now, decrypt later. Exit status 1 when anything came out otherwise than it should. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { fromHex } from '../bytes.js'
import {
  holds,
  progressReporter,
  type RecordedRun,
  type Report,
  renderHtml,
  renderJsonLines,
  renderTerminal,
  runHarness,
  writePcapng,
  writeTape,
} from '../rndl/index.js'
import { KEY_MODE, type NewFile, PUBLIC_MODE, refuseExisting, writeNewFiles } from './files.js'

interface RndlOptions {
  readonly quick?: boolean
  readonly seed?: Uint8Array
  readonly html?: string
  readonly tapes?: string
  readonly force?: boolean
  readonly json?: boolean
}

/** A report is as wide as the terminal, within what can be read. */
const COLUMNS = { least: 80, most: 100 }

export function rndlCommand(): Command {
  return new Command('rndl')
    .description('record now, decrypt later: tape real sessions and see what opens with what has leaked')
    .option('--quick', 'fewer scenarios and shorter searches')
    .option('--seed <hex>', 'repeat the run with this seed, 16 octets or more (default: random)', parseSeed)
    .option('--html <file>', 'write the report as one page that needs no network')
    .option('--tapes <folder>', 'keep the tapes of all scenarios there, also as pcapng for Wireshark')
    .option('--force', 'overwrite files that exist')
    .option('--json', 'print machine-readable lines')
    .action(run)
}

async function run({ quick = false, seed, html, tapes, force = false, json = false }: RndlOptions): Promise<void> {
  for (const path of [html, tapes]) if (path !== undefined) refuseExisting(path, force)
  const progress = progressReporter(process.stderr)
  const runs: RecordedRun[] = []
  let report: Report
  try {
    report = await runHarness({
      seed,
      extent: quick ? 'quick' : 'full',
      onProgress: (at) => progress.report(at),
      ...(tapes !== undefined && { onRun: (recorded: RecordedRun) => runs.push(recorded) }),
    })
  } finally {
    progress.end()
  }
  if (tapes !== undefined) writeTapes(tapes, runs, force)
  if (html !== undefined) writeNewFiles([{ path: html, mode: PUBLIC_MODE, text: renderHtml(report) }], force)
  process.stdout.write(json ? renderJsonLines(report) : renderTerminal(report, appearance()))
  // The command has done its work; the report says what it found.
  if (!holds(report)) process.exitCode = 1
}

function appearance() {
  const { columns = COLUMNS.most, isTTY = false } = process.stdout
  return {
    columns: Math.max(COLUMNS.least, Math.min(COLUMNS.most, columns)),
    colours: isTTY && process.env['NO_COLOR'] === undefined,
  }
}

/** One pair of files for each scenario. */
function writeTapes(folder: string, runs: readonly RecordedRun[], force: boolean): void {
  mkdirSync(folder, { recursive: true })
  const files = runs.flatMap(({ scenario, tape, keyLog }): NewFile[] => [
    { path: join(folder, `${scenario}.tape`), mode: PUBLIC_MODE, text: writeTape(tape) },
    {
      // With the key log in it, whoever reads it sees all that was said.
      path: join(folder, `${scenario}.pcapng`),
      mode: KEY_MODE,
      text: writePcapng(tape, keyLog === undefined ? {} : { keyLog }),
    },
  ])
  writeNewFiles(files, force)
}

function parseSeed(text: string): Uint8Array {
  if (!/^([0-9a-fA-F]{2}){16,}$/.test(text)) throw new InvalidArgumentError('16 octets or more are needed, in hex.')
  return fromHex(text.toLowerCase())
}
