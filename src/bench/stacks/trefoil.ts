/** Both ends under Trefoil. */
import { fromHex } from '../../bytes.js'
import { nobleProvider } from '../../crypto/index.js'
import { connect } from '../../node/connect.js'
import type { SecureContextOptions } from '../../node/contextOptions.js'
import type { ServerOptions } from '../../node/options.js'
import { createSecureContext } from '../../node/secureContext.js'
import { createServer as createTrefoilServer } from '../../node/server.js'
import { workerSigner } from '../../node/workerSigner.js'
import { type End, LOOPBACK, opened, type StackEnds } from './end.js'
import { PSK_IDENTITY, SERVER_NAME, type StackSettings } from './settings.js'

export const createServer: StackEnds['createServer'] = (settings, onConnection) =>
  createTrefoilServer(serverOptions(settings), onConnection)

export const connector: StackEnds['connector'] = (settings, port) => {
  const { credentials, profile } = settings
  const secureContext = createSecureContext({
    ...contextOptions(settings),
    ...(profile.mode !== 'psk' && { ca: credentials.authority }),
    ...(profile.mode === 'mutual' && credentials.client),
  })
  const options = { ...connectionOptions(settings), secureContext, servername: SERVER_NAME, host: LOOPBACK, port }
  return (): Promise<End> => opened(connect(options), 'secureConnect')
}

function serverOptions(settings: StackSettings): ServerOptions {
  const { credentials, profile, workerSigner: inThread = false } = settings
  const { cert, key } = credentials.server
  return {
    ...contextOptions(settings),
    ...connectionOptions(settings),
    // All clients come from one address here.
    maxHandshakes: 100_000,
    maxHandshakesPerAddress: 100_000,
    ...(profile.mode !== 'psk' && { cert, key: inThread ? workerSigner({ key }) : key }),
    ...(profile.mode === 'mutual' && { requestCert: true, ca: credentials.authority }),
  }
}

function contextOptions({ credentials, profile, provider }: StackSettings): SecureContextOptions {
  const { suite, group } = profile
  return {
    ciphers: [suite],
    groups: [group],
    policy: {
      allowClassicalKeyExchange: group !== 'X25519MLKEM768',
      allowClassicalAuthentication: credentials.algorithm.startsWith('ecdsa'),
    },
    ...(provider === 'noble' && { crypto: nobleProvider }),
  }
}

function connectionOptions({ credentials, profile }: StackSettings) {
  return {
    handshakeTimeout: 60_000,
    // As node:tls has it, which knows no importer.
    ...(profile.mode === 'psk' && {
      psk: { identity: PSK_IDENTITY, key: fromHex(credentials.psk), importer: false },
    }),
  }
}
