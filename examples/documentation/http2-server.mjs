// From the documentation of node:http2, the server-side example.
import { readFileSync } from 'node:fs'
import { createSecureServer } from 'trefoil/http2'

const server = createSecureServer({
  key: readFileSync('server-key.pem'),
  cert: readFileSync('server-cert.pem'),
})

server.on('error', (err) => console.error(err))

server.on('stream', (stream) => {
  // stream is a Duplex
  stream.respond({
    'content-type': 'text/html; charset=utf-8',
    ':status': 200,
  })
  stream.end('<h1>Hello World</h1>')
})

server.listen(8443)
