/** Child processes of this same command line, which report in JSON lines. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { TrefoilError } from '../../errors.js'

const COMMAND = fileURLToPath(new URL('../main.js', import.meta.url))
/** Milliseconds for any one thing that a child is waited for. */
const PATIENCE = 60_000

export type JsonLine = Readonly<Record<string, unknown>> & { readonly event: string }

export class Child {
  readonly name: string
  readonly pid: number
  readonly #process: ChildProcessWithoutNullStreams
  #stdout: Buffer = Buffer.alloc(0)
  #stderr = ''
  #exit: { readonly code: number | null } | null = null
  #onChange: () => void = () => {}

  constructor(name: string, args: readonly string[]) {
    this.name = name
    const child = spawn(process.execPath, [COMMAND, ...args], { stdio: 'pipe' })
    this.#process = child
    this.pid = child.pid ?? 0
    child.stdout.on('data', (chunk: Buffer) => {
      this.#stdout = Buffer.concat([this.#stdout, chunk])
      this.#onChange()
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
    })
    // A child that is gone takes no input: its exit status tells why.
    child.stdin.on('error', () => {})
    child.once('error', (error) => {
      this.#stderr += error.message
      this.#end(null)
    })
    child.once('close', (code) => this.#end(code))
  }

  /** What it has written to stderr so far. */
  get said(): string {
    return this.#stderr
  }

  write(data: Uint8Array): void {
    this.#process.stdin.write(data)
  }

  endInput(): void {
    this.#process.stdin.end()
  }

  stop(): void {
    if (this.#exit === null) this.#process.kill('SIGTERM')
  }

  /** The next JSON line with this event; the lines before it are passed over, but for an `error`. */
  async line(event: string): Promise<JsonLine> {
    for (;;) {
      const line = await this.#nextLine(event)
      const parsed = JSON.parse(line) as JsonLine
      if (parsed.event === event) return parsed
      if (parsed.event === 'error') throw failed(`${this.name} reports: ${String(parsed['message'])}`)
    }
  }

  /** So many octets of stdout, after the lines that were read. */
  async octets(count: number): Promise<Buffer> {
    await this.#until(`send ${count} octets`, () => this.#stdout.length >= count)
    const taken = this.#stdout.subarray(0, count)
    this.#stdout = this.#stdout.subarray(count)
    return taken
  }

  async exitCode(): Promise<number | null> {
    if (this.#exit === null) await this.#until('exit', () => this.#exit !== null)
    return (this.#exit as { code: number | null } | null)?.code ?? null
  }

  async #nextLine(event: string): Promise<string> {
    await this.#until(`report ${event}`, () => this.#stdout.includes('\n'))
    const end = this.#stdout.indexOf('\n')
    const line = this.#stdout.subarray(0, end).toString()
    this.#stdout = this.#stdout.subarray(end + 1)
    return line
  }

  async #until(what: string, isThere: () => boolean): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    try {
      await new Promise<void>((resolve, reject) => {
        timer = setTimeout(() => reject(failed(`${this.name} did not ${what} in time. ${this.#stderr}`)), PATIENCE)
        this.#onChange = () => {
          if (isThere()) resolve()
          else if (this.#exit !== null) reject(failed(`${this.name} ended before it could ${what}. ${this.#stderr}`))
        }
        this.#onChange()
      })
    } finally {
      clearTimeout(timer)
      this.#onChange = () => {}
    }
  }

  #end(code: number | null): void {
    this.#exit = { code }
    this.#onChange()
  }
}

function failed(message: string): TrefoilError {
  return new TrefoilError('ERR_INTERNAL', message.trim())
}
