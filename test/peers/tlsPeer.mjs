// An independent TLS 1.3 stack in a process of its own: this Node's `tls` module. Started by test/support/nodePeer.ts
// over IPC; the first message says which role to play. Shares no code with Trefoil.
import tls from 'node:tls'
import { runClient } from './tlsPeerClient.mjs'
import { runServer } from './tlsPeerServer.mjs'
import { describeError } from './tlsPeerShared.mjs'

process.once('disconnect', () => process.exit())
process.once('message', ({ role, options }) => {
  try {
    const play = role === 'server' ? runServer : runClient
    play(options, { ...commonOptions(options), ...pskOptions(role, options) })
  } catch (error) {
    // Options that OpenSSL refuses (a key of a kind it does not know, a group it does not have).
    process.send({ event: 'failed', error: describeError(error) }, () => process.disconnect())
  }
})

/** Our options in the words of `tls`; what was not given keeps Node's default. */
function commonOptions(options) {
  const { cert, key, ca, ciphers, groups, sigalgs, alpn, minVersion = 'TLSv1.3', maxVersion = 'TLSv1.3' } = options
  const given = {
    cert,
    key,
    ca,
    ciphers,
    ecdhCurve: groups?.join(':'),
    sigalgs: sigalgs?.join(':'),
    ALPNProtocols: alpn,
  }
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  return {
    ...known,
    minVersion,
    maxVersion,
    rejectUnauthorized: options.rejectUnauthorized ?? true,
    checkServerIdentity: (name, cert) => {
      // Node asks even where the server showed no certificate (a PSK), and would refuse.
      if (options.checkName === false || cert?.subject === undefined) return undefined
      return tls.checkServerIdentity(name, cert)
    },
  }
}

/** OpenSSL makes a SHA-256 PSK of what these callbacks give, whatever suite is offered. */
function pskOptions(role, { psk }) {
  if (psk === undefined) return {}
  const secret = Buffer.from(psk.key, 'hex')
  if (role === 'server') {
    return {
      pskCallback: (_socket, identity) => (identity === psk.identity ? secret : null),
    }
  }
  return { pskCallback: () => ({ psk: secret, identity: psk.identity }) }
}
