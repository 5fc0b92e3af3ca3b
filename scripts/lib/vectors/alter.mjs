// What ends that break the rules do to their messages, and what somebody on the wire does to records.
import { concat, fromHex, toHex } from '../../../dist/bytes.js'
import {
  decodeClientKeyShares,
  decodeServerKeyShare,
  encodeClientKeyShares,
  encodeServerKeyShare,
} from '../../../dist/tls/extensions/keyShare.js'
import { decodeClientHello, encodeClientHello } from '../../../dist/tls/messages/clientHello.js'
import { decodeEncryptedExtensions, encodeEncryptedExtensions } from '../../../dist/tls/messages/encryptedExtensions.js'
import { decodeServerHello, encodeServerHello } from '../../../dist/tls/messages/serverHello.js'

export const Extension = {
  preSharedKey: 41,
  supportedVersions: 43,
  cookie: 44,
  pskModes: 45,
  keyShare: 51,
  withCertificate: 33,
}
const CODECS = {
  1: [decodeClientHello, encodeClientHello],
  2: [decodeServerHello, encodeServerHello],
  8: [
    (body) => ({ extensions: decodeEncryptedExtensions(body) }),
    ({ extensions }) => encodeEncryptedExtensions(extensions),
  ],
}

/** A substitution for the nth message of a type that `role` sends; `edit` takes and gives octets. */
export function onMessage(role, type, edit, nth = 0) {
  let count = 0
  return (message, from) => (from === role && message[0] === type && count++ === nth ? edit(message) : message)
}

/** The same for a hello or EncryptedExtensions, of which `edit` changes the fields. */
export const onHello = (role, edit, nth = 0, type = role === 'client' ? 1 : 2) =>
  onMessage(
    role,
    type,
    (message) => {
      const [decode, encode] = CODECS[type]
      return encode(edit(decode(message.subarray(4))))
    },
    nth,
  )

/** Changes the body of one extension of a hello; null takes it out. */
export const withExtension = (type, edit) => (hello) => ({
  ...hello,
  extensions: hello.extensions.flatMap((extension) => {
    if (extension.type !== type) return [extension]
    const data = edit(extension.data)
    return data === null ? [] : [{ type, data }]
  }),
})

/** Puts one in before pre_shared_key, which is the last. */
export const addExtension = (type, data) => (hello) => ({ ...hello, extensions: [{ type, data }, ...hello.extensions] })

/** @param edit the share as octets, and what group it is for → the octets, or both */
export const clientShare = (edit) =>
  withExtension(Extension.keyShare, (data) =>
    encodeClientKeyShares(decodeClientKeyShares(data).map((entry) => entryWith(entry, edit))),
  )
export const serverShare = (edit) =>
  withExtension(Extension.keyShare, (data) => encodeServerKeyShare(entryWith(decodeServerKeyShare(data), edit)))

function entryWith(entry, edit) {
  const edited = edit(entry.keyExchange)
  return edited instanceof Uint8Array ? { ...entry, keyExchange: edited } : { ...entry, ...edited }
}

export const flipped = (octets, at = -1) => {
  const changed = Uint8Array.from(octets)
  changed[at < 0 ? octets.length + at : at] ^= 1
  return changed
}

/** Octets from a place on: where it is negative, counted from the end. */
export const overwritten = (octets, at, hex) => {
  const changed = Uint8Array.from(octets)
  changed.set(fromHex(hex), at < 0 ? octets.length + at : at)
  return changed
}

export { concat, fromHex, toHex }

/** A change on the wire of the nth protected record that `role` sends. */
export function onRecord(role, edit, nth = 0) {
  let count = 0
  return (record, from, flow) =>
    from === role && record.startsWith('17') && count++ === nth ? edit(record, flow) : record
}
