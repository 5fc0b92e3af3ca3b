/** Answers that come when the connection has ended already: nobody will use the secrets in them. */
import { wipe } from '../bytes.js'
import { type Answers, alternativesOf, type RequestType } from './requests.js'

export function wipeLateAnswer(type: RequestType, answer: unknown): void {
  switch (type) {
    case 'offerPsks':
      for (const { psk } of (answer as Answers['offerPsks']).psks) wipe(psk)
      break
    case 'fetchPsk':
      for (const { psk } of alternativesOf(answer as Answers['fetchPsk'], null)) wipe(psk)
      break
    case 'generateKeyShare':
      ;(answer as Answers['generateKeyShare']).wipe()
      break
    case 'respondToKeyShare':
      wipe((answer as Answers['respondToKeyShare']).sharedSecret)
      break
  }
}
