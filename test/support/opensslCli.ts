/**
 * Drives the machine's `openssl s_server` and `s_client`: the only independent peer here that sends a KeyUpdate on
 * demand, sends no session tickets (`-num_tickets 0`) or takes a PSK for a SHA-384 suite (`-psk_session`).
 * OpenSSL below 3.5 knows neither ML-KEM nor ML-DSA: classical groups and certificates only.
 */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process'

/** The version of the installed command, e.g. "3.0.19", or null when there is none that speaks TLS 1.3. */
export function opensslVersion(): string | null {
  const { stdout, status } = spawnSync('openssl', ['version'], { encoding: 'utf8' })
  const version = /^OpenSSL (\d+\.\d+\.\d+)/.exec(stdout ?? '')?.[1]
  return status === 0 && version !== undefined && Number.parseInt(version, 10) >= 3 ? version : null
}

/** The reason to skip tests against this peer, or null when it is installed. */
export function opensslMissing(): string | null {
  return opensslVersion() === null ? 'no openssl 3 command on this machine' : null
}

/** A running `openssl` that reads lines and prints every message it sends and receives. Stop it when the test ends. */
export class OpensslProcess {
  /** Everything printed so far, on both streams. */
  output = ''
  readonly #child: ChildProcessWithoutNullStreams
  readonly #exited: Promise<void>
  #wake: () => void = () => undefined

  constructor(args: readonly string[]) {
    this.#child = spawn('openssl', args)
    const read = (chunk: Buffer) => {
      this.output += chunk.toString('latin1')
      this.#wake()
    }
    this.#child.stdout.on('data', read)
    this.#child.stderr.on('data', read)
    this.#child.stdin.on('error', () => undefined)
    this.#exited = new Promise((resolve) => this.#child.once('close', () => resolve()))
  }

  /** Types a line, which goes to the peer as data; resolves when it was written to the connection. */
  async sendLine(line: string): Promise<void> {
    await this.#type(line, />>> TLS 1\.\d, RecordHeader/)
  }

  /** KeyUpdate with update_requested (RFC 9846 4.7.3): the peer must answer with its own. OpenSSL itself answers with its next write. */
  async updateKeysOfBoth(): Promise<void> {
    await this.#type('K', />>> TLS 1\.3, Handshake \[length 0005\], KeyUpdate/)
  }

  /** KeyUpdate with update_not_requested. */
  async updateOwnKeys(): Promise<void> {
    await this.#type('k', />>> TLS 1\.3, Handshake \[length 0005\], KeyUpdate/)
  }

  /** Waits until it has received that many KeyUpdate messages in all. */
  async receivedKeyUpdates(count: number): Promise<void> {
    await this.waitFor(new RegExp(`(?:<<< TLS 1\\.3, Handshake \\[length 0005\\], KeyUpdate[^]*?){${count}}`))
  }

  /** Waits for printed text, from `offset` on; gives the match. */
  async waitFor(pattern: RegExp, offset = 0, timeoutMilliseconds = 20_000): Promise<RegExpExecArray> {
    const deadline = Date.now() + timeoutMilliseconds
    for (;;) {
      const match = pattern.exec(this.output.slice(offset))
      if (match !== null) return match
      const left = deadline - Date.now()
      if (left <= 0) throw new Error(`openssl printed nothing like ${pattern}, but: ${this.output.slice(-2_000)}`)
      await this.#nextOutput(left)
    }
  }

  /** Ends standard input, which makes s_client close the connection; then waits for the exit. */
  async end(): Promise<void> {
    this.#child.stdin.end()
    await this.#exited
  }

  async stop(): Promise<void> {
    this.#child.kill()
    await this.#exited
  }

  /** OpenSSL looks for a command only at the start of what one read gives it: lines must not arrive together. */
  async #type(line: string, written: RegExp): Promise<void> {
    const offset = this.output.length
    this.#child.stdin.write(`${line}\n`)
    await this.waitFor(written, offset)
  }

  #nextOutput(limit: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, limit)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

/** `openssl s_server` on a free port of 127.0.0.1; `args` name certificate, key and whatever else (files). */
export async function startOpensslServer(args: readonly string[]): Promise<{ server: OpensslProcess; port: number }> {
  const server = new OpensslProcess(['s_server', '-tls1_3', '-msg', '-accept', '127.0.0.1:0', ...args])
  const accept = await server.waitFor(/ACCEPT 127\.0\.0\.1:(\d+)/)
  return { server, port: Number(accept[1]) }
}

/** `openssl s_client` to a port of 127.0.0.1. The handshake is over when it prints "Verify return code". */
export function startOpensslClient(port: number, args: readonly string[]): OpensslProcess {
  return new OpensslProcess(['s_client', '-tls1_3', '-msg', '-connect', `127.0.0.1:${port}`, ...args])
}
