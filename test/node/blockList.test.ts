import { BlockList } from 'node:net'
import { describe, expect, it } from 'vitest'
import { connect } from '../../src/index.js'
import { createSecureServer } from '../../src/node/http/http2.js'
import { createServer } from '../../src/node/http/https.js'
import { ca, failure, listen, secured, serverIdentity } from './fixtures.js'
import { start } from './http/support.js'
import { at, watch } from './tunnel/tunnels.js'

const SERVERS: readonly [string, (blockList: BlockList) => Promise<number>][] = [
  ['of createServer', async (blockList) => (await listen({ ...serverIdentity, blockList })).port],
  ['of trefoil/https', async (blockList) => (await start(createServer({ ...serverIdentity, blockList }))).port],
  ['of trefoil/http2', async (blockList) => (await start(createSecureServer({ ...serverIdentity, blockList }))).port],
  [
    'of a tunnel',
    async (blockList) => (await watch({ role: 'server', to: at(1), tls: { ...serverIdentity, blockList } })).port,
  ],
]

describe('a block list', () => {
  it.each(SERVERS)('%s turns away whom it names, on every Node, and nobody else', async (_, startServer) => {
    const visit = (port: number) => connect({ host: '127.0.0.1', port, ca })
    const blocked = new BlockList()
    blocked.addSubnet('127.0.0.0', 8)
    expect(['ERR_TRUNCATED', 'ERR_TRANSPORT']).toContain((await failure(visit(await startServer(blocked)))).code)
    const others = new BlockList()
    others.addSubnet('192.0.2.0', 24)
    const socket = await secured(visit(await startServer(others)))
    expect(socket.protection).not.toBeNull()
    socket.on('error', () => {}).destroy()
  })
})
