/** What the core is configured with to play one end of a trace. */
import { fromHex } from '../../../bytes.js'
import type { CryptoProvider } from '../../../crypto/provider.js'
import type { ClientConfig, CommonConfig, ServerConfig } from '../../../tls/index.js'
import type { ClientInputs, Inputs, ServerInputs } from '../trace.js'

export function clientConfig(crypto: CryptoProvider, { client }: Inputs): ClientConfig {
  const { serverName, keyShareGroups, applicationProtocols, tickets, sessionId, grease } = client
  return {
    ...commonConfig(crypto, client),
    serverName,
    keyShareGroups,
    ...(applicationProtocols === undefined ? {} : { applicationProtocols }),
    middleboxCompatibility: sessionId !== '',
    tickets,
    grease: grease !== undefined,
  }
}

export function serverConfig(crypto: CryptoProvider, { server }: Inputs): ServerConfig {
  const { clientCertificate, tickets, ticketLifetime, cookieKey, alwaysRetry } = server
  return {
    ...commonConfig(crypto, server),
    clientCertificate,
    tickets: tickets.length,
    ...(ticketLifetime === undefined ? {} : { ticketLifetime }),
    ...(cookieKey === undefined ? {} : { cookieKey: fromHex(cookieKey) }),
    ...(alwaysRetry === undefined ? {} : { alwaysRetry }),
  }
}

function commonConfig(crypto: CryptoProvider, end: ClientInputs | ServerInputs): CommonConfig {
  const { cipherSuites, groups, signatureSchemes, recordSizeLimit, serverCertificateTypes, clientCertificateTypes } =
    end
  return {
    crypto,
    cipherSuites,
    groups,
    signatureSchemes,
    keylog: true,
    ...(recordSizeLimit === undefined ? {} : { recordSizeLimit }),
    ...(serverCertificateTypes === undefined ? {} : { serverCertificateTypes }),
    ...(clientCertificateTypes === undefined ? {} : { clientCertificateTypes }),
  }
}
