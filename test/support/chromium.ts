/** A headless Chromium, driven over a pipe by the DevTools protocol. Debian's package `chromium` provides it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { pathToFileURL } from 'node:url'

/** The command, or null where there is none. */
export const CHROMIUM: string | null =
  ['chromium', 'chromium-browser', 'google-chrome'].find((name) => spawnSync(name, ['--version']).status === 0) ?? null

export interface Page {
  /** The value of an expression in the page, or of what it promises, as JSON. */
  evaluate<T>(expression: string): Promise<T>
  /** Sets the size of the window, in CSS pixels, and the colours that the reader prefers. */
  look(width: number, scheme?: 'light' | 'dark'): Promise<void>
  /** Presses a key, with the focus where it is. */
  press(key: string): Promise<void>
  /** PNG of the whole page. */
  screenshot(): Promise<Buffer>
  /** What the page wrote to the console, threw, or was refused. */
  readonly complaints: readonly string[]
  /** URLs that it asked for, its own among them. */
  readonly requests: readonly string[]
  /** What the browser knows of TLS below the last response; null where there was none. */
  readonly security: Security | null
}

/** As in the DevTools protocol, Network.SecurityDetails. */
export interface Security {
  readonly protocol: string
  readonly keyExchangeGroup: string
  readonly cipher: string
}

export interface Browser {
  /** Opens a document from a file. */
  open(html: string, options?: { readonly script?: boolean }): Promise<Page>
  visit(url: string): Promise<Page>
  close(): Promise<void>
}

type Params = Readonly<Record<string, unknown>>
type Listener = (method: string, params: Params) => void

/** @param more command-line switches besides those that every test needs */
export async function startChromium(command: string, more: readonly string[] = []): Promise<Browser> {
  const folder = mkdtempSync(join(tmpdir(), 'trefoil-chromium-'))
  const flags = ['--headless=new', '--remote-debugging-pipe', '--no-first-run', '--disable-gpu', '--hide-scrollbars']
  // Its sandbox does not work for root, and a container is often too small for its shared memory.
  const contained = ['--no-sandbox', '--disable-dev-shm-usage', `--user-data-dir=${join(folder, 'profile')}`]
  const child = spawn(command, [...flags, ...contained, ...more, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  })
  const connection = connect(child)
  let documents = 0
  return {
    async open(html, { script = true } = {}) {
      const file = join(folder, `${documents++}.html`)
      writeFileSync(file, html)
      return openPage(connection, pathToFileURL(file).href, script)
    },
    visit: (url) => openPage(connection, url, true),
    async close() {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      connection.send('Browser.close').catch(() => child.kill('SIGKILL'))
      await gone
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

async function openPage({ send, listen }: Connection, url: string, script: boolean): Promise<Page> {
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' })
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true })
  const session = String(sessionId)
  const ask = (method: string, params: Params = {}) => send(method, params, session)
  const complaints: string[] = []
  const requests: string[] = []
  let security: Security | null = null
  const loaded = new Promise<void>((resolve) => {
    listen(session, (method, params) => {
      if (method === 'Page.loadEventFired') resolve()
      else if (method === 'Network.requestWillBeSent') requests.push((params['request'] as { url: string }).url)
      else if (method === 'Network.responseReceived') {
        security = (params['response'] as { securityDetails?: Security }).securityDetails ?? null
      } else if (/^(?:Runtime\.consoleAPICalled|Runtime\.exceptionThrown|Log\.entryAdded)$/.test(method)) {
        complaints.push(`${method} ${JSON.stringify(params)}`)
      }
    })
  })
  for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await ask(`${domain}.enable`)
  await ask('Emulation.setScriptExecutionDisabled', { value: !script })
  await ask('Page.navigate', { url })
  await loaded
  return {
    complaints,
    requests,
    get security() {
      return security
    },
    async evaluate<T>(expression: string) {
      const options = { expression, returnByValue: true, awaitPromise: true }
      const { result, exceptionDetails } = await ask('Runtime.evaluate', options)
      if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails))
      return (result as { value: T }).value
    },
    async look(width, scheme = 'light') {
      await ask('Emulation.setDeviceMetricsOverride', { width, height: 900, deviceScaleFactor: 1, mobile: false })
      await ask('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] })
    },
    async press(key) {
      await ask('Input.dispatchKeyEvent', { type: 'keyDown', key })
      await ask('Input.dispatchKeyEvent', { type: 'keyUp', key })
    },
    async screenshot() {
      const { data } = await ask('Page.captureScreenshot', { captureBeyondViewport: true })
      return Buffer.from(String(data), 'base64')
    },
  }
}

interface Connection {
  send(method: string, params?: Params, session?: string): Promise<Params>
  listen(session: string, listener: Listener): void
}

interface Reply {
  readonly id?: number
  readonly method?: string
  readonly sessionId?: string
  readonly params?: Params
  readonly result?: Params
  readonly error?: { readonly message: string }
}

/** Messages are JSON that ends with a zero octet: commands on descriptor 3, replies and events on 4. */
function connect(child: ChildProcess): Connection {
  const [input, output] = [child.stdio[3] as Writable, child.stdio[4] as Readable]
  const waiting = new Map<number, { resolve: (result: Params) => void; reject: (error: Error) => void }>()
  const listeners = new Map<string, Listener>()
  let gone: Error | null = null
  let count = 0
  let pending = ''
  output.setEncoding('utf8').on('data', (chunk: string) => {
    const messages = (pending + chunk).split('\0')
    pending = messages.pop() ?? ''
    for (const message of messages) take(JSON.parse(message) as Reply)
  })
  const fail = (error: Error) => {
    gone = error
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  }
  input.on('error', fail)
  child.on('error', fail).on('exit', (code) => fail(new Error(`chromium ended with ${code}`)))

  function take({ id, method, sessionId = '', params = {}, result = {}, error }: Reply): void {
    if (id === undefined) {
      listeners.get(sessionId)?.(method ?? '', params)
      return
    }
    const asked = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) asked?.resolve(result)
    else asked?.reject(new Error(error.message))
  }

  return {
    send(method, params = {}, sessionId) {
      if (gone !== null) return Promise.reject(gone)
      const id = ++count
      input.write(`${JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) })}\0`)
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject })
      })
    },
    listen: (session, listener) => void listeners.set(session, listener),
  }
}
