// From the documentation of node:http2, the client-side example.
import { readFileSync } from 'node:fs'
import { connect } from 'trefoil/http2'

const client = connect('https://localhost:8443', {
  ca: readFileSync('server-cert.pem'),
})
client.on('error', (err) => console.error(err))

const req = client.request({ ':path': '/' })

req.on('response', (headers) => {
  for (const name in headers) {
    console.log(`${name}: ${headers[name]}`)
  }
})

req.setEncoding('utf8')
let data = ''
req.on('data', (chunk) => {
  data += chunk
})
req.on('end', () => {
  console.log(`\n${data}`)
  client.close()
})
req.end()
