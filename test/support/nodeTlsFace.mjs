// Tells, as JSON on stdout, all that the `tls` module of the Node that runs it has: exports, members of connected sockets,
// of servers and contexts, the options that its source reads and the events that it emits. On stdin: { cert, key, ca }.

import { Server as TcpServer } from 'node:net'
import { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import tls from 'node:tls'

const { cert, key, ca } = JSON.parse(await text(process.stdin))

const server = tls.createServer({ cert, key }, (accepted) => {
  client.once('secureConnect', () => tell(accepted))
  if (!client.secureConnecting) tell(accepted)
})
let client
server.listen(0, '127.0.0.1', () => {
  client = tls.connect({ port: server.address().port, host: '127.0.0.1', servername: 'localhost', ca })
})

function tell(accepted) {
  const face = {
    version: process.version,
    exports: types(tls, Object.keys(tls)),
    client: members(client, Duplex, new Duplex()),
    accepted: members(accepted, Duplex, new Duplex()),
    server: members(server, TcpServer, new TcpServer()),
    context: types(tls.createSecureContext(), ['context']),
    options: optionsRead(),
    events: { tls: emitted('internal/tls/wrap'), net: emitted('net') },
  }
  console.log(JSON.stringify(face))
  client.destroy()
  accepted.destroy()
  server.close()
}

/** Public names that an object has beyond those of a base class, with their types. */
function members(object, base, plain) {
  const names = new Set(Object.getOwnPropertyNames(object))
  for (let at = Object.getPrototypeOf(object); at !== base.prototype && at !== null; at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) names.add(name)
  }
  return types(
    object,
    [...names].filter((name) => !name.startsWith('_') && !(name in base.prototype) && !(name in plain)),
  )
}

function types(object, names) {
  return Object.fromEntries(names.map((name) => [name, object[name] === null ? 'null' : typeof object[name]]))
}

/** Node carries the source of its modules. */
function source(name) {
  return process.binding('natives')[name]
}

function optionsRead() {
  const names = new Set()
  for (const module of ['internal/tls/wrap', 'internal/tls/secure-context', 'internal/tls/common']) {
    for (const [, name] of source(module).matchAll(/\b_?(?:tlsO|o)ptions\??\.([a-zA-Z]\w*)/g)) names.add(name)
    for (const [, list] of source(module).matchAll(/const \{([^}]*)\} = options\b/g)) {
      for (const entry of list.split(',')) names.add(entry.trim().split(/[ :=]/)[0])
    }
  }
  return [...names].filter((name) => name !== '').sort()
}

function emitted(module) {
  return [...new Set([...source(module).matchAll(/emit\(\s*'([a-zA-Z]\w*)'/g)].map(([, name]) => name))].sort()
}
