/** Answers that need nothing but a crypto provider and the system's clock. */
import type { CryptoProvider } from '../crypto/provider.js'
import type { RequestHandlers } from './requests.js'

export type DefaultHandlers = Pick<
  RequestHandlers,
  'random' | 'currentTime' | 'generateKeyShare' | 'respondToKeyShare' | 'sign'
>

/** Randomness and ephemeral keys from `crypto`, time from Date, signatures from the credential's own signer. */
export function defaultHandlers(crypto: CryptoProvider): DefaultHandlers {
  return {
    random: ({ length }) => crypto.randomBytes(length),
    currentTime: () => Date.now(),
    generateKeyShare: ({ group }) => crypto.generateKeyShare(group),
    respondToKeyShare: ({ group, clientShare }) => crypto.respondToKeyShare(group, clientShare),
    sign: ({ credential, message }) => credential.signer.sign(credential.signatureScheme, message),
  }
}

/** No PSKs, certificates, application protocols or tickets, no further questions: spread over what a caller leaves out. */
export const nothingToOffer: Omit<RequestHandlers, keyof DefaultHandlers | 'verifyCertificate'> = {
  offerPsks: () => ({ psks: [], withCertificate: false, required: false }),
  selectPsk: () => null,
  fetchPsk: () => null,
  selectCertificate: () => null,
  selectApplicationProtocol: () => null,
  sealTicket: () => null,
  acceptPeer: () => undefined,
}
