/** Runs the built command line as a user does: `npm run build` makes it, and the tests skip with a word when it is not there. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runCommandLine } from '../../src/cli/commandLine.js'
import { atEndOfFile, folderOfFile } from '../support/endOfFile.js'

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

export const isBuilt = existsSync(MAIN)
export const notBuilt = isBuilt ? '' : ' (skipped: dist is not built, npm run build makes it)'

const folder = folderOfFile('trefoil-cli-test-')
const running = new Set<ChildProcessWithoutNullStreams>()
atEndOfFile(() => {
  for (const child of running) child.kill('SIGKILL')
})

export function file(name: string, content: string): string {
  const path = join(folder(), name)
  writeFileSync(path, content)
  return path
}

export type Line = Readonly<Record<string, unknown>>

export class Running {
  readonly child: ChildProcessWithoutNullStreams
  stdout = ''
  stderr = ''
  readonly exit: Promise<number | null>
  #onChange: () => void = () => {}

  constructor(args: readonly string[]) {
    this.child = spawn(process.execPath, [MAIN, ...args], { stdio: 'pipe' })
    running.add(this.child)
    this.child.stdin.on('error', () => {})
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text
      this.#onChange()
    })
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
    })
    this.exit = new Promise((resolve) => {
      this.child.once('close', (code) => {
        running.delete(this.child)
        resolve(code)
        this.#onChange()
      })
    })
  }

  /** The first JSON line with this event, once it is there. */
  event(name: string): Promise<Line> {
    return new Promise((resolve, reject) => {
      this.#onChange = () => {
        const found = this.events().find(({ event }) => event === name)
        if (found) resolve(found)
        else if (!running.has(this.child)) reject(new Error(`ended without ${name}: ${this.stdout}${this.stderr}`))
      }
      this.#onChange()
    })
  }

  /** All JSON lines so far. */
  events(): Line[] {
    return this.stdout
      .split('\n')
      .filter((line) => line.startsWith('{"event"') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as Line)
  }
}

export interface Result {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  readonly events: Line[]
}

/** Runs to the end with `input` on stdin. */
export async function run(args: readonly string[], input = ''): Promise<Result> {
  const command = new Running(args)
  command.child.stdin.end(input)
  const code = await command.exit
  return { code, stdout: command.stdout, stderr: command.stderr, events: command.events() }
}

/**
 * Wrong usage, told in this process: of the many ways to get it wrong, a few are enough to see that a process ends with the
 * status and prints the text.
 */
export async function misuse(args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const [stdout, stderr]: [string[], string[]] = [[], []]
  const code = await runCommandLine(['node', 'trefoil', ...args], {
    writeOut: (text) => stdout.push(text),
    writeErr: (text) => stderr.push(text),
  })
  return { code, stdout: stdout.join(''), stderr: stderr.join('') }
}

/** A server on a free port. */
export async function serve(...args: string[]): Promise<{ server: Running; target: string }> {
  const server = new Running(['serve', '--listen', '127.0.0.1:0', '--json', ...args])
  const { host, port } = await server.event('listening')
  return { server, target: `${host}:${port}` }
}
