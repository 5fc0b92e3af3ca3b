/** docs/node-tls.md against what a real Node 26 has, and against what is here. */
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type Server as TcpServer, Socket as TcpSocket } from 'node:net'
import { Duplex } from 'node:stream'
import type * as tls from 'node:tls'
import { describe, expect, it } from 'vitest'
import * as trefoil from '../../src/index.js'
import { connect } from '../../src/index.js'
import { peerBinary } from '../peers/binaries.mjs'
import { authority, ca, failure, identity, listen, plain, secured, serverIdentity } from './fixtures.js'

/** What test/support/nodeTlsFace.mjs prints. */
interface Face {
  readonly version: string
  readonly exports: Types
  readonly client: Types
  readonly accepted: Types
  readonly server: Types
  readonly context: Types
  readonly options: readonly string[]
  readonly events: { readonly tls: readonly string[]; readonly net: readonly string[] }
}
type Types = Readonly<Record<string, string>>

interface Row {
  readonly verdict: string
  readonly note: string
}

const table = readTable(readFileSync('docs/node-tls.md', 'utf8'))
const face = faceOfNode26()

const SOCKET = 'Socket: properties and methods'
const SERVER = 'Server: properties and methods'
const OPTIONS = ['connect', 'createServer', 'createSecureContext', 'new TLSSocket'].map(
  (name) => `Options of \`${name}\``,
)

describe('the table of docs/node-tls.md', () => {
  it('says same, different or not applicable of each name, and of the latter two why', () => {
    for (const rows of table.values()) {
      for (const [name, { verdict, note }] of rows) {
        expect(['same', 'different', 'not applicable'], name).toContain(verdict)
        if (verdict !== 'same') expect(note, name).not.toBe('')
      }
    }
  })

  it('names every export of node:tls of Node 26, and none besides', () => {
    expect(face.version).toMatch(/^v26\./)
    expect(names('Exports')).toEqual(Object.keys(face.exports).toSorted())
  })

  it('names every member that a socket, a server and a context of Node 26 has beyond a stream and a net.Server', () => {
    expect(names(SOCKET)).toEqual(expect.arrayContaining(Object.keys({ ...face.client, ...face.accepted })))
    expect(names(SERVER)).toEqual(expect.arrayContaining(Object.keys(face.server)))
    expect(names('SecureContext')).toEqual(Object.keys(face.context))
    expect(face.client).toHaveProperty('exportKeyingMaterial')
    expect(face.server).toHaveProperty('addContext')
  })

  it('names every option that the source of Node 26 reads, and every one that is declared', () => {
    const named = new Set(OPTIONS.flatMap(names))
    const declared = [
      ...[
        'CommonConnectionOptions',
        'TlsOptions',
        'ConnectionOptions',
        'SecureContextOptions',
        'TLSSocketOptions',
      ].flatMap((name) => membersDeclared('tls', name)),
      ...['ConnectOpts', 'TcpSocketConnectOpts', 'IpcSocketConnectOpts', 'ServerOpts'].flatMap((name) =>
        membersDeclared('net', name),
      ),
    ]
    expect(declared).toEqual(expect.arrayContaining(['minDHSize', 'hints', 'pauseOnConnect', 'crl', 'isServer']))
    expect(face.options).toEqual(expect.arrayContaining(['certificateCompression', 'pskCallback', 'ALPNCallback']))
    expect([...declared, ...face.options].filter((name) => !named.has(name))).toEqual([])
  })

  it('names every event that the source of Node 26 emits on sockets and servers', () => {
    const named = new Set([...names('Socket: events'), ...names('Server: events')])
    // Those of net.Server are inherited.
    const ofServers = ['listening', 'drop', 'connection']
    const emitted = [...face.events.tls, ...face.events.net.filter((name) => !ofServers.includes(name))]
    expect(emitted).toEqual(expect.arrayContaining(['secureConnect', 'OCSPRequest', 'lookup']))
    expect(emitted.filter((name) => !named.has(name))).toEqual([])
  })
})

describe('what the table calls the same is here with the same type', () => {
  it('exports', () => {
    const ours = trefoil as Record<string, unknown>
    for (const name of same('Exports')) expect(typeof ours[name], name).toBe(face.exports[name])
    for (const name of ['TLSSocket', 'DEFAULT_CIPHERS', 'DEFAULT_MIN_VERSION'])
      expect(typeof ours[name]).toBe(face.exports[name])
  })

  it('members of sockets on both sides, which are streams', async () => {
    const { client, server } = await plain({}, { host: 'localhost', servername: 'localhost' })
    // Present only in some states, or in some Nodes.
    const elsewhere = ['autoSelectFamilyAttemptedAddresses', 'timeout']
    for (const [socket, theirs] of [
      [client, face.client],
      [server, face.accepted],
    ] as const) {
      expect(socket).toBeInstanceOf(Duplex)
      const ours = socket as unknown as Record<string, unknown>
      for (const name of same(SOCKET)) {
        expect(name in ours, name).toBe(true)
        if (!elsewhere.includes(name)) expect(typeof ours[name], name).toBe(theirs[name])
      }
    }
  })

  it('members of servers, which are those of net', async () => {
    const { server } = await listen(serverIdentity)
    const ours = server as unknown as Record<string, unknown>
    for (const name of same(SERVER)) expect(typeof ours[name], name).toBe(face.server[name])
  })

  it('options, in the declarations', () => {
    const declared = ['options', 'contextOptions', 'nodeTlsOptions'].flatMap((file) =>
      [...readFileSync(`src/node/${file}.ts`, 'utf8').matchAll(/^ {2}readonly (\w+)\?:/gm)].map(([, name]) => name),
    )
    for (const section of OPTIONS) expect(declared).toEqual(expect.arrayContaining(same(section)))
  })

  it('events, in real connections', async () => {
    const seen = new Set<string>()
    const { server, port, refused } = await listen(serverIdentity, (socket) => socket.end('over'))
    record(server, seen)
    const client = connect({ host: 'localhost', port, servername: 'localhost', ca, keylog: true, timeout: 1 })
    record(client, seen)
    server.on('keylog', () => {})
    await once(client, 'session')
    await once(client.resume(), 'close')
    await failure(connect({ host: '127.0.0.1', port, ca: authority().certificatePem }))
    await expect.poll(() => refused.length).toBe(1)
    const [connected, told] = await connectionAttempts()
    record(connected, seen)
    told()
    const expected = [...same('Socket: events'), ...same('Server: events')]
    expect(expected.filter((name) => !seen.has(name) && name !== 'timeout')).toEqual([])
  })

  /** A socket over a transport that is being connected, and a way to let that tell of attempts that fail. */
  async function connectionAttempts(): Promise<[trefoil.TLSSocket, () => void]> {
    const transport = new TcpSocket()
    const { port } = await listen(serverIdentity)
    transport.connect(port, '127.0.0.1')
    const client = connect({ socket: transport, servername: 'localhost', ca })
    void secured(client)
    return [
      client,
      () => {
        for (const name of ['connectionAttempt', 'connectionAttemptFailed', 'connectionAttemptTimeout', 'lookup'])
          transport.emit(name, '127.0.0.1', port, 4)
      },
    ]
  }
})

describe('types', () => {
  /** Without methods that return the socket itself, which are of Node's class, and what Node's types call never null. */
  type SocketLike = Duplex &
    Pick<
      tls.TLSSocket,
      | 'authorized'
      | 'encrypted'
      | 'alpnProtocol'
      | 'servername'
      | 'getPeerCertificate'
      | 'getCertificate'
      | 'getPeerX509Certificate'
      | 'getX509Certificate'
      | 'getProtocol'
      | 'isSessionReused'
      | 'exportKeyingMaterial'
      | 'getEphemeralKeyInfo'
      | 'getSession'
      | 'getTLSTicket'
      | 'getFinished'
      | 'getPeerFinished'
      | 'getSharedSigalgs'
      | 'setMaxSendFragment'
      | 'renegotiate'
      | 'disableRenegotiation'
      | 'enableTrace'
      | 'address'
      | 'connecting'
      | 'pending'
      | 'readyState'
      | 'bytesRead'
      | 'bytesWritten'
      | 'bufferSize'
      | 'destroySoon'
    >
  type ServerLike = TcpServer & Pick<tls.Server, 'setSecureContext' | 'setTicketKeys'>

  it('a socket goes where the like of tls.TLSSocket is expected, a server where tls.Server is', async () => {
    const { client, listening } = await plain()
    const socket: SocketLike = client
    const server: ServerLike = listening.server
    expect([socket.encrypted, server.listening]).toEqual([true, true])
  })

  it('options of node:tls go where those of connect and createServer are expected, but for contexts', async () => {
    const options: Omit<tls.ConnectionOptions, 'secureContext' | 'SNICallback' | 'pskCallback'> = { ca }
    const serverOptions: Omit<tls.TlsOptions, 'secureContext' | 'SNICallback' | 'pskCallback'> = serverIdentity
    const ours: trefoil.ConnectionOptions = options
    const { port } = await listen(serverOptions)
    expect((await secured(connect(port, '127.0.0.1', ours))).authorized).toBe(true)
  })
})

function record(emitter: { emit: (event: string, ...args: never[]) => boolean }, seen: Set<string>): void {
  const emit = emitter.emit
  emitter.emit = function (this: typeof emitter, event, ...args) {
    seen.add(event)
    return emit.call(this, event, ...args)
  }
}

function names(section: string): string[] {
  return [...(table.get(section) ?? new Map<string, Row>()).keys()].toSorted()
}

function same(section: string): string[] {
  return names(section).filter((name) => table.get(section)?.get(name)?.verdict === 'same')
}

/** The tables under the second-level headings whose first column is headed `node:tls`. */
function readTable(document: string): Map<string, Map<string, Row>> {
  const sections = new Map<string, Map<string, Row>>()
  for (const section of document.split(/^## /m).slice(1)) {
    const [heading = '', ...lines] = section.split('\n')
    const start = lines.findIndex((line) => line.startsWith('| `node:tls` |'))
    if (start === -1) continue
    const rows = new Map<string, Row>()
    for (const line of lines.slice(start + 2)) {
      if (!line.startsWith('|')) break
      const [, first = '', verdict = '', note = ''] = line.split('|').map((cell) => cell.trim())
      for (const [, name = ''] of first.matchAll(/`(\w+)`/g)) {
        if (rows.has(name)) throw new Error(`${name} stands twice under ${heading}`)
        rows.set(name, { verdict, note })
      }
    }
    sections.set(heading, rows)
  }
  return sections
}

/** Names of an interface in @types/node. */
function membersDeclared(module: string, name: string): string[] {
  const text = readFileSync(`node_modules/@types/node/${module}.d.ts`, 'utf8')
  const body = new RegExp(`^ {4}interface ${name} [^{]*\\{\\n([^]*?)^ {4}\\}`, 'm').exec(text)?.[1]
  if (body === undefined) throw new Error(`@types/node declares no ${name}`)
  return [...body.matchAll(/^ {8}(\w+)\??:/gm)].map(([, member]) => member as string)
}

function faceOfNode26(): Face {
  const binary = peerBinary(26)
  if (binary === null) throw new Error('no Node 26 in test/peers: node scripts/install-peers.mjs')
  const classical = authority('Classical', 'ecdsa-p256')
  const input = JSON.stringify({ ...identity(classical, ['localhost'], 'ecdsa-p256'), ca: classical.certificatePem })
  const { stdout, stderr } = spawnSync(binary, ['--no-warnings', 'test/support/nodeTlsFace.mjs'], {
    input,
    encoding: 'utf8',
    env: {},
  })
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as Face
}
