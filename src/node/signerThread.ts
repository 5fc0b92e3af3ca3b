/** The program of a signing thread: gets one key, then signs what it is sent, one after the other. */
import { parentPort } from 'node:worker_threads'
import { copy } from '../bytes.js'
import { defaultProvider } from '../crypto/index.js'
import type { PrivateKeyMaterial, SigningKey } from '../crypto/provider.js'
import type { SignatureSchemeName } from '../crypto/signatureSchemes.js'
import { wipePrivateKey } from '../pki/index.js'

/** The first message; its octets belong to the thread from then on. */
export interface KeyMessage {
  readonly material: PrivateKeyMaterial
}

export interface SignMessage {
  readonly scheme: SignatureSchemeName
  readonly message: Uint8Array
}

/** The signature, or null when there is none: the reason stays here, since it might quote the key. */
export type SignReply = Uint8Array | null

let key: SigningKey | null = null

parentPort?.on('message', (request: KeyMessage | SignMessage) => {
  if ('material' in request) {
    key = defaultProvider().signingKey(request.material)
    wipePrivateKey(request.material)
  } else {
    parentPort?.postMessage(sign(request) satisfies SignReply)
  }
})

function sign({ scheme, message }: SignMessage): SignReply {
  try {
    // A copy, because what is posted is the whole buffer below.
    return key === null ? null : copy(key.sign(scheme, message))
  } catch {
    return null
  }
}
