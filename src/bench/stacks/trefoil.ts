/** The options of both ends under Trefoil. */
import { fromHex } from '../../bytes.js'
import { nobleProvider } from '../../crypto/index.js'
import type { SecureContextOptions } from '../../node/contextOptions.js'
import type { ConnectionOptions, ServerOptions } from '../../node/options.js'
import { createSecureContext } from '../../node/secureContext.js'
import { workerSigner } from '../../node/workerSigner.js'
import { PSK_IDENTITY, SERVER_NAME, type StackSettings } from './settings.js'

export function trefoilServer(settings: StackSettings): ServerOptions {
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

/** To be made once for many connections. */
export function trefoilClient(settings: StackSettings): ConnectionOptions {
  const { credentials, profile } = settings
  const secureContext = createSecureContext({
    ...contextOptions(settings),
    ...(profile.mode !== 'psk' && { ca: credentials.authority }),
    ...(profile.mode === 'mutual' && credentials.client),
  })
  return { ...connectionOptions(settings), secureContext, servername: SERVER_NAME }
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
