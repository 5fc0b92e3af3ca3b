/** Key logs (RFC 9850) open recordings: for an independent reader, and for Wireshark. */
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type ConnectionOptions, connect, type ServerOptions } from '../../src/index.js'
import { type Direction, sentBy, type TapedConnection } from '../../src/rndl/adversary/index.js'
import { startTap, writePcapng } from '../../src/rndl/recorder/index.js'
import { ca, listen, psk, qkdPair, readAll, serverIdentity } from '../node/fixtures.js'
import { applicationData, readKeyLog } from '../support/keyLogReader.js'

const qkd = qkdPair()
const MODES: [string, ServerOptions, ConnectionOptions][] = [
  ['certificate', serverIdentity, { ca }],
  ['certificate-qkd', { ...serverIdentity, qkd: qkd.server }, { ca, qkd: qkd.client }],
  ['psk-qkd', { psk, qkd: qkd.server }, { psk, qkd: qkd.client }],
  ['retry', { ...serverIdentity, groups: 'SecP384r1MLKEM1024' }, { ca }],
]

describe('with the key log of either side a recording gives the application data of both', () => {
  it.each(MODES)('%s', async (name, server, client) => {
    const recorded = await record(name, server, client)
    for (const lines of [recorded.client, recorded.server]) {
      const log = readKeyLog(lines)
      expect(applicationData(recorded.sentBy('client'), log, 'CLIENT').toString()).toBe(requestFor(name))
      expect(applicationData(recorded.sentBy('server'), log, 'SERVER').toString()).toBe(responseFor(name))
    }
    const other = readKeyLog((await record(name, server, client)).client)
    expect(() => applicationData(recorded.sentBy('client'), other, 'CLIENT')).toThrow(/does not open/)
  })
})

const missing = process.env['CI'] === undefined && spawnSync('tshark', ['--version']).status !== 0
const reason = missing ? ' (skipped: tshark is not installed)' : ''

describe.skipIf(missing)(`Wireshark${reason}`, () => {
  it('reads requests and responses of every mode, also behind a KeyUpdate, and of no connection that is not in the key log', async () => {
    const recordings = []
    for (const mode of MODES) recordings.push(await record(...mode))
    recordings.push(await record('key-update', serverIdentity, { ca }, true))
    const closed = await record('not-in-the-log', serverIdentity, { ca })
    const folder = mkdtempSync(join(tmpdir(), 'trefoil-keylog-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const capture = join(folder, 'recording.pcapng')
    const keys = join(folder, 'keys.log')
    writeFileSync(capture, writePcapng([closed, ...recordings].map(({ tape }) => tape)))
    writeFileSync(keys, recordings.map(({ client }) => client).join(''))
    const names = [...MODES.map(([name]) => name), 'key-update']
    const seen = dissect(capture, keys)
    expect(seen.uris).toEqual(names.map((name) => `/${name}`))
    expect(seen.bodies).toEqual(names.map((name) => `the secret of ${name}`))
  })

  /** What tshark finds of HTTP. */
  function dissect(capture: string, keys: string): { uris: string[]; bodies: string[] } {
    const fields = ['http.request.uri', 'http.file_data'].flatMap((field) => ['-e', field])
    const args = [
      '-r',
      capture,
      '-o',
      `tls.keylog_file:${keys}`,
      '-Y',
      'http',
      '-T',
      'fields',
      '-E',
      'separator=|',
      ...fields,
    ]
    // Settings of whoever runs this must not count.
    const env = { ...process.env, HOME: tmpdir(), XDG_CONFIG_HOME: tmpdir() }
    const { stdout, stderr, status } = spawnSync('tshark', args, { encoding: 'utf8', env })
    if (status !== 0) throw new Error(stderr)
    const rows = stdout
      .trim()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split('|'))
    return {
      uris: rows.flatMap(([uri = '']) => (uri === '' ? [] : [uri])),
      bodies: rows.flatMap(([, body = '']) => (body === '' ? [] : [readable(body)])),
    }
  }
})

const requestFor = (name: string) => `GET /${name} HTTP/1.1\r\nHost: server.test\r\n\r\n`
function responseFor(name: string): string {
  const body = `the secret of ${name}`
  return `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

interface Recording {
  readonly tape: TapedConnection
  /** Key logs. */
  readonly client: string
  readonly server: string
  sentBy(end: Direction): Buffer
}

/** A request and its response through a tap; with key updates, both ends change keys. */
async function record(
  name: string,
  serverOptions: ServerOptions,
  clientOptions: ConnectionOptions,
  keyUpdate = false,
): Promise<Recording> {
  const logs = { client: '', server: '' }
  const { server, port } = await listen(serverOptions, (socket) => {
    socket.once('data', () => socket.end(responseFor(name)))
  })
  server.on('keylog', (line: Buffer) => {
    logs.server += line
  })
  const tap = await startTap({ port, name: () => name })
  onTestFinished(() => tap.close())
  const client = connect({ host: '127.0.0.1', port: tap.port, servername: 'localhost', ...clientOptions })
  client.on('keylog', (line: Buffer) => {
    logs.client += line
  })
  await once(client, 'secureConnect')
  if (keyUpdate) client.requestKeyUpdate({ peer: true })
  client.write(requestFor(name))
  expect((await readAll(client)).toString()).toBe(responseFor(name))
  const tape = tap.tape[0] as TapedConnection
  return { tape, ...logs, sentBy: (end) => sentBy(tape, end) }
}

/** File data comes as text from older versions of tshark, in hex from newer ones. */
function readable(body: string): string {
  return /^[0-9a-f:]+$/.test(body) ? Buffer.from(body.replaceAll(':', ''), 'hex').toString() : body
}
