/**
 * Programs from the documentation of others, over Trefoil by another import and nothing else; and the same programs with
 * the import that they came with, on the Node whose own TLS knows ML-DSA, at the other end.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { defaultProvider } from '../../src/crypto/index.js'
import { createCertificateAuthority, issueCertificate } from '../../src/pki/index.js'
import { folderOfFile } from '../support/endOfFile.js'
import { peerBinary } from '../support/nodePeer.js'

const SOURCE = 'examples/documentation'

/** What each program was changed from. */
const ORIGINAL: Readonly<Record<string, string>> = {
  "'trefoil'": "'node:tls'",
  "'trefoil/https'": "'node:https'",
  "'trefoil/http2'": "'node:http2'",
  "'trefoil/undici'": "'undici'",
}

const folder = folderOfFile('trefoil-documentation-')
const children = new Set<ChildProcess>()
let prepared = false

/** A folder that holds the certificates by the names that the programs know them by, and the packages they import. */
function prepare(): void {
  if (prepared) return
  prepared = true
  const crypto = defaultProvider()
  for (const end of ['server', 'client']) {
    const ca = createCertificateAuthority({ commonName: `CA of the ${end}`, algorithm: 'mldsa44', crypto })
    const names = { subjectAltNames: ['localhost'], algorithm: 'mldsa44', crypto } as const
    const { certificatePem, privateKeyPem } = issueCertificate({ ca, ...names })
    // With its authority, so that whoever trusts the file trusts the certificate, as with one that is self-signed.
    writeFileSync(join(folder(), `${end}-cert.pem`), certificatePem + ca.certificatePem)
    writeFileSync(join(folder(), `${end}-key.pem`), privateKeyPem)
  }
  mkdirSync(join(folder(), 'node_modules'))
  symlinkSync(resolve('.'), join(folder(), 'node_modules/trefoil'))
  for (const name of ['ws', 'undici']) symlinkSync(resolve('node_modules', name), join(folder(), 'node_modules', name))
}

type By = 'Trefoil' | 'Node 26'

interface Running {
  output: string
  complaints: string
}

/** Ports by the protocol that the names of programs begin with. */
type Ports = Readonly<Record<string, number>>

/** Starts programs in one process, which saves time, on other ports than their own, which may be taken. */
function run(programs: readonly string[], ports: Ports, by: By): Running {
  prepare()
  const files = programs.map((program) => {
    const port = ports[program.replace(/-.*/, '').replace('undici', 'https')]
    let source = readFileSync(join(SOURCE, program), 'utf8').replace(/\b(?:8000|8080|8443)\b/, String(port))
    if (by !== 'Trefoil') {
      for (const [ours, theirs] of Object.entries(ORIGINAL)) source = source.replace(`from ${ours}`, `from ${theirs}`)
    }
    const file = `${by === 'Trefoil' ? 'ours' : 'theirs'}-${port}-${program}`
    writeFileSync(join(folder(), file), source)
    return file
  })
  const main = files.map((file) => `await import('./${file}')`).join('\n')
  const binary = by === 'Trefoil' ? process.execPath : (peerBinary(26) as string)
  const child = spawn(binary, ['--input-type=module', '--eval', main], { cwd: folder() })
  children.add(child)
  const running = { output: '', complaints: '' }
  child.stdout.on('data', (chunk) => {
    running.output += chunk
  })
  child.stderr.on('data', (chunk) => {
    running.complaints += chunk
  })
  child.stdin.end('typed in\n')
  return running
}

async function freePorts(...names: string[]): Promise<Ports> {
  const probes = names.map(() => createServer().listen(0))
  await Promise.all(probes.map((probe) => once(probe, 'listening')))
  const ports = probes.map((probe) => (probe.address() as AddressInfo).port)
  await Promise.all(probes.map((probe) => new Promise((closed) => probe.close(closed))))
  return Object.fromEntries(names.map((name, i) => [name, ports[i] as number]))
}

async function reachable(ports: Ports): Promise<void> {
  const knock = (port: number) =>
    new Promise<boolean>((answer) => {
      const socket = connect(port, 'localhost').on('error', () => answer(false))
      socket.on('connect', () => answer(Boolean(socket.destroy())))
    })
  for (const port of Object.values(ports)) await expect.poll(() => knock(port)).toBe(true)
}

afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  children.clear()
  prepared = false
})

/** A server, its clients, and what they say. */
const PAIRS: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['tls-server.mjs', { 'tls-client.mjs': 'typed in\n\nserver ends connection\n' }],
  [
    'https-server.mjs',
    {
      'https-client.mjs': 'statusCode: 200\nhello world\n',
      'undici-client.mjs': 'statusCode: 200\nhello world\n\n',
    },
  ],
  ['http2-server.mjs', { 'http2-client.mjs': ':status: 200\ncontent-type: text/html; charset=utf-8\n' }],
  ['ws-server.mjs', { 'ws-client.mjs': 'received: something\nreceived: something\n' }],
]

describe('programs from the documentation of others, with the import changed', () => {
  it.each(PAIRS)('%s serves its clients', async (server, clients) => {
    const ports = await freePorts('tls', 'https', 'http2', 'ws')
    const running = run([server, ...Object.keys(clients)], ports, 'Trefoil')
    for (const expected of Object.values(clients)) await expect.poll(() => running.output).toContain(expected)
    expect(running.complaints).toBe('')
  })

  it('none is left out', () => {
    const named = PAIRS.flatMap(([server, clients]) => [server, ...Object.keys(clients)])
    expect(readdirSync(SOURCE).toSorted()).toEqual(named.toSorted())
  })
})

const missing = peerBinary(26) === null ? ': no Node 26 in test/peers' : ''

describe.skipIf(missing !== '')(
  `the same programs with their own imports on Node 26, at the other end${missing}`,
  () => {
    it.each([
      ['Trefoil', 'Node 26'],
      ['Node 26', 'Trefoil'],
    ] as const)('https and http2: the servers over %s, the clients over %s', async (serving, asking) => {
      const ports = await freePorts('https', 'http2')
      const servers = run(['https-server.mjs', 'http2-server.mjs'], ports, serving)
      await reachable(ports)
      const clients = run(['https-client.mjs', 'http2-client.mjs'], ports, asking)
      for (const expected of ['statusCode: 200\nhello world', ':status: 200\n', '<h1>Hello World</h1>']) {
        await expect.poll(() => clients.output).toContain(expected)
      }
      expect(servers.complaints + clients.complaints).toBe('')
    })
  },
)
