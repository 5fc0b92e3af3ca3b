/** The messages of a recording, cut from its records by our own reader. */
import { concat, fromHex, toHex } from '../../bytes.js'
import { DEFAULT_LIMITS } from '../../tls/config.js'
import { HandshakeReader } from '../../tls/wire/handshake.js'
import { expectSame, expectThat } from '../check/outcome.js'
import { messagesOf } from './messages.js'
import type { Recording, Role } from './recording.js'

/** @throws Error when they are not those that are listed beside the flow */
export function checkMessages(recording: Recording): void {
  const messages = messagesOf(recording)
  for (const side of ['client', 'server'] as const) {
    const expected = messages.filter(({ from }) => from === side).map(({ bytes }) => toHex(bytes))
    expectSame(`the messages of the ${side}`, readMessages(recording, side), expected)
  }
  // A list may leave out KeyUpdates.
  const listed = (recording.messages ?? []).filter(({ message }) => !message.startsWith('18'))
  if (listed.length === 0) return
  const handshake = messages.filter(({ type }) => type !== 'key_update')
  expectSame(
    'the list of messages',
    listed.map(({ from, message }) => [from, message]),
    handshake.map(({ from, bytes }) => [from, toHex(bytes)]),
  )
}

/** Octet by octet, so that no message is helped by the record that it came in. */
function readMessages(recording: Recording, side: Role): string[] {
  const reader = new HandshakeReader(DEFAULT_LIMITS)
  const sent = recording.flow.filter(({ from, contentType }) => from === side && contentType === 'handshake')
  const messages: string[] = []
  for (const octet of concat(...sent.map(({ payload }) => fromHex(payload)))) {
    reader.push(Uint8Array.of(octet))
    const message = reader.next()
    if (message !== null) messages.push(toHex(message.bytes))
  }
  expectThat(!reader.pending, `the ${side} ends inside a message`)
  return messages
}
