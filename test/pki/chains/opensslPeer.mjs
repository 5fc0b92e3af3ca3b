// Runs in Node 26: says what its OpenSSL makes of a chain, in a real handshake. One chain a message, and one answer.
//   { port, ca, name }    a server shows the chain on that port; a client of ours goes there
//   { listen, ca, cert, key }  a client shows the chain; a server of ours asks for it
import tls from 'node:tls'

process.on('message', (question) => (question.listen ? askClient(question) : askServer(question)))

const base = { minVersion: 'TLSv1.3', rejectUnauthorized: false }

function askServer({ port, ca, name }) {
  attempt(() => {
    const checkServerIdentity = (_, certificate) => tls.checkServerIdentity(name, certificate)
    const socket = tls.connect({ ...base, host: '127.0.0.1', port, ca, checkServerIdentity })
    socket.on('secureConnect', () => {
      answer(verdict(socket))
      socket.destroy()
    })
    socket.on('error', (error) => answer(error.code))
  })
}

function askClient({ ca, cert, key }) {
  attempt(() => {
    const server = tls.createServer({ ...base, ca, cert, key, requestCert: true })
    const done = (text) => {
      server.close()
      answer(text)
    }
    server.on('secureConnection', (socket) => {
      done(verdict(socket))
      socket.destroy()
    })
    server.on('tlsClientError', (error) => done(error.code))
    server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
  })
}

function attempt(step) {
  try {
    step()
  } catch (error) {
    // A store that OpenSSL cannot read.
    answer(error.code)
  }
}

function verdict(socket) {
  if (socket.authorized) return 'accepts'
  const { authorizationError: error } = socket
  return error?.code ?? String(error)
}

function answer(text) {
  process.send({ verdict: text })
}
