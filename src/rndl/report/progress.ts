/** How far a run is, for a person who waits: one line that changes on a terminal, a line a stage otherwise. */
import { pad, printable } from '../../pages/text.js'

export interface Progress {
  /** What is being done: `matrix`, `controls`. */
  readonly stage: string
  readonly done: number
  readonly total: number
  /** The part of it at hand. */
  readonly detail?: string
}

export interface ProgressReporter {
  report(progress: Progress): void
  /** Leaves nothing unfinished behind: call it before anything else is printed. */
  end(): void
}

/** What of a `tty.WriteStream` or any other stream is needed. */
export interface ProgressStream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

const BAR = 24
/** Back to the first column, and erase to the end of the line. */
const CLEAR = '\r\u001b[K'

/** @param stream where it goes: stderr, since stdout is for results */
export function progressReporter(stream: ProgressStream): ProgressReporter {
  return stream.isTTY ? onTerminal(stream) : inLines(stream)
}

function onTerminal(stream: ProgressStream): ProgressReporter {
  let shown = ''
  const show = (line: string) => {
    if (line === shown) return
    stream.write(CLEAR + line)
    shown = line
  }
  return {
    report({ stage, done, total, detail }) {
      const filled = Math.round((BAR * done) / Math.max(1, total))
      const bar = '━'.repeat(filled) + ' '.repeat(BAR - filled)
      const line = `${bar} ${stage} ${done}/${total}${detail === undefined ? '' : `  ${detail}`}`
      // The last column stays free: some terminals go to the next line there. One of unknown width says 0.
      show(pad(printable(line), (stream.columns || 80) - 1).trimEnd())
    },
    end: () => show(''),
  }
}

function inLines(stream: ProgressStream): ProgressReporter {
  const begun = new Set<string>()
  return {
    report({ stage, total }) {
      if (begun.has(stage)) return
      begun.add(stage)
      stream.write(`${printable(stage)} (${total})\n`)
    },
    end() {},
  }
}
