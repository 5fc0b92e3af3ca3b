/** Scripts that change a hello of a peer: decoded, edited, encoded again, and the binders made anew. */

import { nodeProvider } from '../../src/crypto/index.js'
import type { Extension } from '../../src/tls/extensions/extension.js'
import { decodeOfferedPsks, fillBinders, truncateClientHello } from '../../src/tls/extensions/preSharedKey.js'
import type { OfferedPsk } from '../../src/tls/index.js'
import { BINDER_LABELS, EarlySecret } from '../../src/tls/keySchedule.js'
import { type ClientHello, decodeClientHello, encodeClientHello } from '../../src/tls/messages/clientHello.js'
import { decodeServerHello, encodeServerHello, type ServerHello } from '../../src/tls/messages/serverHello.js'
import { ExtensionType, type HandshakeTypeName } from '../../src/tls/wire/codePoints.js'
import type { Script, ScriptedPeer } from './scriptedPeer.js'

export type Extended = { readonly extensions: readonly Extension[] }

export type ExtensionName = keyof typeof ExtensionType

/** The hello without an extension. */
export function without<T extends Extended>(hello: T, ...names: readonly ExtensionName[]): T {
  const types: readonly number[] = names.map((name) => ExtensionType[name])
  return { ...hello, extensions: hello.extensions.filter(({ type }) => !types.includes(type)) }
}

/** The hello with an extension changed, or added where it is missing; before pre_shared_key, which stays last. */
export function having<T extends Extended>(
  hello: T,
  name: ExtensionName | number,
  data: Uint8Array | readonly number[],
): T {
  const type = typeof name === 'number' ? name : ExtensionType[name]
  const extension = { type, data: Uint8Array.from(data) }
  if (hello.extensions.some((known) => known.type === type)) {
    return { ...hello, extensions: hello.extensions.map((known) => (known.type === type ? extension : known)) }
  }
  return adding(hello, extension)
}

/** Adds extensions even if they are there already. */
export function adding<T extends Extended>(hello: T, ...more: readonly Extension[]): T {
  const last = hello.extensions.at(-1)
  const kept = last?.type === ExtensionType.pre_shared_key ? hello.extensions.slice(0, -1) : hello.extensions
  const end = kept === hello.extensions ? [] : [last as Extension]
  return { ...hello, extensions: [...kept, ...more, ...end] }
}

export function extensionData(hello: Extended, name: ExtensionName): Uint8Array {
  const found = hello.extensions.find(({ type }) => type === ExtensionType[name])
  if (found === undefined) throw new Error(`the hello has no ${name}`)
  return found.data
}

/** Changes the nth ClientHello; `psks`, in the order of the offer, sign it again. */
export function clientHello(
  edit: (hello: ClientHello) => ClientHello,
  { nth = 0, psks = [] }: { readonly nth?: number; readonly psks?: readonly OfferedPsk[] } = {},
): Script {
  return onMessage('client_hello', nth, (bytes, peer) => {
    const edited = encodeClientHello(edit(decodeClientHello(bytes.subarray(4))))
    return psks.length === 0 ? edited : signAgain(edited, peer, psks)
  })
}

/** Changes the nth ServerHello or HelloRetryRequest. */
export function serverHello(edit: (hello: ServerHello) => ServerHello, nth = 0): Script {
  return onMessage('server_hello', nth, (bytes) => encodeServerHello(edit(decodeServerHello(bytes.subarray(4)))))
}

/** Changes one message and leaves the others. */
export function onMessage(
  type: HandshakeTypeName,
  nth: number,
  edit: (bytes: Uint8Array, peer: ScriptedPeer) => Uint8Array | null,
): Script {
  return (message, peer) => (message.type === type && message.nth === nth ? edit(message.bytes, peer) : message.bytes)
}

/** Both scripts, one after the other. */
export function both(first: Script, second: Script): Script {
  return (message, peer) => {
    const bytes = first(message, peer)
    return bytes === null ? null : second({ ...message, bytes }, peer)
  }
}

/** Binders for an edited hello, from the real keys. Binders beyond those of `psks` stay as they are. */
export function signAgain(message: Uint8Array, peer: ScriptedPeer, psks: readonly OfferedPsk[]): Uint8Array {
  const { binders } = decodeOfferedPsks(extensionData(decodeClientHello(message.subarray(4)), 'pre_shared_key'))
  const truncated = truncateClientHello(
    message,
    binders.map(({ length }) => length),
  )
  const signed = binders.map((binder, i) => {
    const psk = psks[i]
    if (psk === undefined) return binder
    const earlySecret = new EarlySecret(nodeProvider, psk.hash, psk.psk)
    return earlySecret.binder(BINDER_LABELS[psk.kind], peer.transcript.digestWith(psk.hash, truncated))
  })
  return fillBinders(message, signed)
}
