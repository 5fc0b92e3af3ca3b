/** What a server chooses from a ClientHello: suites, group, protocol. Pure functions but for the ALPN request. */
import { CIPHER_SUITES, type CipherSuiteName } from '../../crypto/cipherSuites.js'
import { NAMED_GROUPS, type NamedGroupName } from '../../crypto/groups.js'
import { TrefoilError } from '../../errors.js'
import type { ServerConfig } from '../config.js'
import type { ClientHello } from '../messages/clientHello.js'
import type { ClientHelloExtensions } from '../messages/clientHelloExtensions.js'
import { ask, type Task } from '../requests.js'

/** Suites that both know, in our order. */
export function suitesInCommon(config: ServerConfig, hello: ClientHello): CipherSuiteName[] {
  const suites = config.cipherSuites.filter((name) => hello.cipherSuites.includes(CIPHER_SUITES[name].codePoint))
  if (suites.length === 0) {
    throw new TrefoilError('ERR_NO_COMMON_CIPHER_SUITE', 'client offers no cipher suite that this server takes')
  }
  return suites
}

export interface GroupChoice {
  readonly group: NamedGroupName
  /** The client's share, or null when it must be asked for with a HelloRetryRequest. */
  readonly clientShare: Uint8Array | null
}

/**
 * The group to use. A hybrid group that the client knows wins over a classical share that it has sent: one more round
 * trip costs less than a recording that a quantum computer opens later.
 */
export function chooseGroup(config: ServerConfig, extensions: ClientHelloExtensions): GroupChoice {
  const common = config.groups.filter((name) => extensions.supportedGroups.includes(NAMED_GROUPS[name].codePoint))
  const hybrid = common.filter((name) => NAMED_GROUPS[name].mlkem !== null)
  const candidates = hybrid.length > 0 ? hybrid : common
  for (const group of candidates) {
    const share = extensions.keyShares.find((entry) => entry.group === NAMED_GROUPS[group].codePoint)
    if (share !== undefined) return { group, clientShare: share.keyExchange }
  }
  const [group] = candidates
  if (group === undefined) {
    throw new TrefoilError('ERR_NO_COMMON_GROUP', 'client offers no key exchange group that this server takes')
  }
  return { group, clientShare: null }
}

/** ALPN (RFC 7301 3.2): the driver chooses; a client that named none gets none. */
export function* chooseProtocol(extensions: ClientHelloExtensions): Task<string | null> {
  const { applicationProtocols, serverName } = extensions
  if (applicationProtocols.length === 0) return null
  const protocol = yield* ask<'selectApplicationProtocol'>({
    type: 'selectApplicationProtocol',
    protocols: applicationProtocols,
    serverName,
  })
  if (protocol !== null && !applicationProtocols.includes(protocol)) {
    throw new TrefoilError('ERR_INTERNAL', 'the driver selected an application protocol that was not offered')
  }
  return protocol
}
