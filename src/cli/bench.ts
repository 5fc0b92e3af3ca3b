/** `trefoil bench`: what a handshake costs, against its primitives alone and against node:tls. */
import { Command, InvalidArgumentError } from 'commander'
import { MODE_NAMES, renderHtml, renderMachine, renderSection, runBench, SECTION_NAMES } from '../bench/index.js'
import { PUBLIC_MODE, refuseExisting, writeNewFiles } from './files.js'

interface BenchCommandOptions {
  readonly quick?: boolean
  readonly only?: readonly string[]
  readonly modes?: readonly string[]
  readonly html?: string
  readonly force?: boolean
  readonly json?: boolean
}

export function benchCommand(): Command {
  return new Command('bench')
    .description('the cost of handshakes and of transfer, against the bare primitives and against node:tls')
    .option('--quick', 'fewer rounds, under a minute')
    .option('--only <parts>', `of ${SECTION_NAMES.join(', ')}, with commas between`, namesOf(SECTION_NAMES))
    .option('--modes <names>', `of handshakes: ${MODE_NAMES.join(', ')}`, namesOf(MODE_NAMES))
    .option('--html <file>', 'write the report as one page that needs no network')
    .option('--force', 'overwrite a file that exists')
    .option('--json', 'print machine-readable lines')
    .action(run)
}

async function run({
  quick = false,
  only,
  modes,
  html,
  force = false,
  json = false,
}: BenchCommandOptions): Promise<void> {
  if (html !== undefined) refuseExisting(html, force)
  const print = (event: object, text: string) => process.stdout.write(`${json ? JSON.stringify(event) : text}\n`)
  const restore = withoutOwnWarning()
  const report = await runBench({
    quick,
    only,
    modes,
    onStart: (machine, warning) => {
      print({ event: 'start', quick, machine, warning }, `${renderMachine(machine)}\n`)
      if (warning !== null) process.stderr.write(`trefoil: ${warning}\n`)
    },
    onProgress: (what) => process.stderr.write(`${what}\n`),
    onSection: (section) => print({ event: 'section', ...section }, renderSection(section)),
  }).finally(restore)
  if (html !== undefined) writeNewFiles([{ path: html, mode: PUBLIC_MODE, text: renderHtml(report) }], force)
  print(report.summary, renderSummary(report.summary.ratios, report.seconds))
}

function renderSummary(ratios: object, seconds: number): string {
  const lines = Object.entries(ratios as Record<string, Record<string, number | null>>).map(([name, against]) => {
    const parts = Object.entries(against).map(([what, value]) => `${NAMES[what] ?? what} ${value ?? '–'}`)
    return `${name.padEnd(16)} ${parts.join(', ')}`
  })
  return ['Ours over theirs', ...lines, '', `${seconds} s`].join('\n')
}

const NAMES: Readonly<Record<string, string>> = { floor: 'floor', nodeTls: 'node:tls' }

function namesOf(known: readonly string[]): (text: string) => string[] {
  return (text) => {
    const names = text.split(',').map((name) => name.trim())
    const unknown = names.find((name) => !known.includes(name))
    if (unknown !== undefined) throw new InvalidArgumentError(`${unknown} is not one of ${known.join(', ')}.`)
    return names
  }
}

/** A raw PSK serves both ends of a handshake in memory: that is known here, and no news for whoever runs this. */
function withoutOwnWarning(): () => void {
  const others = process.listeners('warning')
  process.removeAllListeners('warning')
  const pass = (warning: Error & { code?: string }) => {
    if (warning.code !== 'TREFOIL_PSK_BOTH_ROLES') for (const listener of others) listener(warning)
  }
  process.on('warning', pass)
  return () => {
    process.off('warning', pass)
    for (const listener of others) process.on('warning', listener)
  }
}
