// Two links between the same sites, with four keys each; the budget keeps keys ready, goes over to the second link when
// the first has none left, and says so when neither has. With real equipment, the pairs are etsi014({ … }) twice a site.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer } from 'trefoil'
import { inProcessPair, keyBudget } from 'trefoil/qkd'

const link = () =>
  inProcessPair({
    siteA: 'sae-client',
    siteB: 'sae-server',
    supply: 4,
    random: (length) => new Uint8Array(randomBytes(length)),
  })
const [north, south] = [link(), link()]
const over = (end) =>
  keyBudget({
    sources: [
      { source: north[end], label: 'north' },
      { source: south[end], label: 'south' },
    ],
    highWaterMark: 2,
  })
const [atClient, atServer] = [over(0), over(1)]
atClient.on('failover', ({ to, failures }) => console.log(`keys come by ${to} now, since`, failures))
atClient.on('exhausted', ({ nextMilliseconds }) =>
  console.log(`no link has a key left; the next try is in ${nextMilliseconds} ms`),
)

const server = createServer(
  { qkd: { source: atServer, localSaeId: 'sae-server', peerSaeId: 'sae-client' } },
  (socket) => socket.end('welcome'),
)
server.listen(0, '127.0.0.1')
await once(server, 'listening')

for (let connections = 1; connections <= 9; connections++) {
  const socket = connect({
    host: '127.0.0.1',
    port: server.address().port,
    qkd: { source: atClient, localSaeId: 'sae-client', peerSaeId: 'sae-server' },
  })
  try {
    await once(socket, 'secureConnect')
    const { handshake } = socket.protection
    console.log(`connection ${connections}: waited ${handshake.kmeMilliseconds.toFixed(2)} ms for its key`)
    await once(socket.resume(), 'close')
  } catch (error) {
    console.log(`connection ${connections}: ${error.code}, ${error.message}`)
  }
}
console.log(atClient.statistics())
await Promise.all([atClient.close(), atServer.close()])
server.close()
