/** What a client checks before it answers a HelloRetryRequest (RFC 9846 section 4.2.4). */
import { CIPHER_SUITES, type CipherSuiteName } from '../../crypto/cipherSuites.js'
import { groupByCodePoint, type NamedGroupName } from '../../crypto/groups.js'
import { TrefoilError } from '../../errors.js'
import { checkExtensions } from '../extensions/extension.js'
import { decodeSelectedGroup } from '../extensions/keyShare.js'
import { decodeCookie } from '../extensions/scalars.js'
import type { ServerHello } from '../messages/serverHello.js'
import type { Task } from '../requests.js'
import { ExtensionType } from '../wire/codePoints.js'
import type { HandshakeMessage } from '../wire/handshake.js'
import { sendSecondClientHello } from './sendClientHello.js'
import type { ClientEnvironment, ClientOffer, ClientState } from './states.js'

export function* handleHelloRetryRequest(
  client: ClientEnvironment,
  offer: ClientOffer,
  hello: ServerHello,
  cipherSuite: CipherSuiteName,
  message: HandshakeMessage,
): Task<ClientState> {
  client.channel.assertMessageBoundary()
  const extensions = checkExtensions(hello.extensions, 'HRR', offer.extensionTypes)
  const groupData = extensions.get(ExtensionType.key_share)
  const cookieData = extensions.get(ExtensionType.cookie)
  const group = groupData === undefined ? null : requestedGroup(client, offer, decodeSelectedGroup(groupData))
  const cookie = cookieData === undefined ? null : decodeCookie(cookieData)
  if (group === null && cookie === null) illegal('sent a HelloRetryRequest that would change nothing')
  client.transcript.replaceClientHello(CIPHER_SUITES[cipherSuite].hash)
  client.transcript.add(message.bytes)
  return yield* sendSecondClientHello(client, offer, { cipherSuite, group }, cookie)
}

function requestedGroup(client: ClientEnvironment, offer: ClientOffer, codePoint: number): NamedGroupName {
  const group = groupByCodePoint(codePoint)
  if (group === undefined || !client.config.groups.includes(group)) {
    return illegal(`asked for a share of group ${codePoint}, which was not offered`)
  }
  if (offer.keyShares.has(group)) illegal(`asked for a share of ${group}, which it had already`)
  return group
}

function illegal(what: string): never {
  throw new TrefoilError('ERR_ILLEGAL_PARAMETER', `server ${what}`)
}
