/** The thread in which a link makes its blocks, one for each time it is told to. */
import { parentPort, workerData } from 'node:worker_threads'
import { wipe } from '../../bytes.js'
import { Bb84Engine } from './engine.js'
import { UNAUTHENTICATED } from './siteAuthentication.js'
import type { FromWorker, ToWorker, WorkerOptions } from './workerMessages.js'

const port = parentPort
if (port === null) throw new Error('this module is the thread of a simulated BB84 link, and is loaded by it alone')

const options = workerData as WorkerOptions
const engine = new Bb84Engine(options)
// The engine has copies; these came by cloning and are nobody else's.
wipe(options.seed)
const { authentication } = options
if (authentication !== UNAUTHENTICATED) {
  if ('psk' in authentication) wipe(authentication.psk)
  else {
    for (const { privateKey } of Object.values(authentication.signatures)) {
      wipe('seed' in privateKey ? privateKey.seed : privateKey.expandedKey)
    }
  }
}

port.on('message', (message: ToWorker) => {
  if (message.kind === 'eavesdropping') {
    engine.eavesdropping = message.fraction
    return
  }
  const result = engine.runBlock({ onStage: (stage) => send({ kind: 'stage', stage }) })
  send({ kind: 'block', isExhausted: engine.isExhausted, ...result }, result.keyA, result.keyB)
})

/** Keys are handed over, not copied. */
function send(message: FromWorker, ...handedOver: Uint8Array[]): void {
  port?.postMessage(
    message,
    handedOver.map(({ buffer }) => buffer as ArrayBuffer),
  )
}
