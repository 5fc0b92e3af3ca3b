// From the documentation of node:tls, tls.connect.
import { readFileSync } from 'node:fs'
import { stdin } from 'node:process'
import { connect } from 'trefoil'

const options = {
  // Necessary only if the server requires client certificate authentication.
  key: readFileSync('client-key.pem'),
  cert: readFileSync('client-cert.pem'),

  // Necessary only if the server uses a self-signed certificate.
  ca: [readFileSync('server-cert.pem')],

  // Necessary only if the server's cert isn't for "localhost".
  checkServerIdentity: () => {
    return null
  },
}

const socket = connect(8000, options, () => {
  console.log('client connected', socket.authorized ? 'authorized' : 'unauthorized')
  stdin.pipe(socket)
  stdin.resume()
})
socket.setEncoding('utf8')
socket.on('data', (data) => {
  console.log(data)
})
socket.on('end', () => {
  console.log('server ends connection')
})
