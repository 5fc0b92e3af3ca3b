/** The second opinion: OpenSSL 3.5 in Node 26, in a real handshake for every row. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { nodeProvider } from '../../../src/crypto/index.js'
import { createCertificateAuthority, writePem } from '../../../src/pki/index.js'
import { peerBinary } from '../../support/nodePeer.js'
import { octets, type Row } from './row.js'
import { showAsClient, showAsServer } from './show.js'

/** OpenSSL's verdict on each row, by name. */
export async function askOpenssl(rows: readonly Row[]): Promise<Record<string, string>> {
  const peer = start()
  try {
    const verdicts: Record<string, string> = {}
    for (const row of rows) verdicts[row.name] = await (row.usage === 'server' ? asServer : asClient)(peer, row)
    return verdicts
  } finally {
    peer.kill()
  }
}

async function asServer(peer: ChildProcess, row: Row): Promise<string> {
  const { port, close } = await showAsServer(row)
  const { verdict } = await ask(peer, { port, ca: store(row), name: row.serverName })
  close()
  return verdict as string
}

async function asClient(peer: ChildProcess, row: Row): Promise<string> {
  const { certificatePem: cert, privateKeyPem: key } = createCertificateAuthority({
    commonName: 'asking',
    algorithm: 'ecdsa-p256',
    crypto: nodeProvider,
  })
  const { port, verdict } = await ask(peer, { listen: true, ca: store(row), cert, key })
  if (port === undefined) return verdict as string
  const [answered] = await Promise.all([answer(peer), showAsClient(row, port)])
  return answered.verdict as string
}

interface Answer {
  readonly port?: number
  readonly verdict?: string
}

function ask(peer: ChildProcess, question: object): Promise<Answer> {
  const answered = answer(peer)
  peer.send(question)
  return answered
}

function answer(peer: ChildProcess): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const onExit = () => reject(new Error('Node 26 has ended'))
    peer.once('exit', onExit)
    peer.once('message', (message) => {
      peer.off('exit', onExit)
      resolve(message as Answer)
    })
  })
}

const store = (row: Row): string[] => row.made().anchors.map((anchor) => writePem('CERTIFICATE', octets(anchor)))

function start(): ChildProcess {
  const program = fileURLToPath(new URL('./opensslPeer.mjs', import.meta.url))
  const { NODE_OPTIONS: _, ...env } = process.env
  return fork(program, { execPath: peerBinary(26) as string, execArgv: [], env })
}
