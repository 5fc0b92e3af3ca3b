/** An end of the connection over which throughput is measured: the receiver listens, the sender connects. */
import { answerQuestions } from '../../processes/questions.js'
import type { End } from '../stacks/end.js'
import { connectorTo, listen } from '../stacks/open.js'
import type { StackSettings } from '../stacks/settings.js'
import { receiveAll, type Sent, sendAll } from './transfer.js'

export type TransferQuestions = {
  readonly listen: { readonly ask: StackSettings; readonly answer: { readonly port: number } }
  readonly connect: {
    readonly ask: { readonly settings: StackSettings; readonly port: number }
    readonly answer: null
  }
  /** Answered when the receiver is ready for so many octets. */
  readonly expect: { readonly ask: { readonly octets: number }; readonly answer: null }
  readonly send: { readonly ask: { readonly writeSize: number; readonly writes: number }; readonly answer: Sent }
  /** Of the last transfer: CPU µs. */
  readonly received: { readonly ask: null; readonly answer: number }
}

let end: Promise<End> = Promise.reject(new Error('there is no connection'))
end.catch(() => {})
let receiving: Promise<number> = Promise.resolve(0)

answerQuestions<TransferQuestions>({
  async listen(settings) {
    let arrived: (connection: End) => void = () => {}
    end = new Promise((resolve) => {
      arrived = resolve
    })
    const { port } = await listen(settings, (connection) => {
      connection.on('error', giveUp)
      arrived(connection)
    })
    return { port }
  },
  async connect({ settings, port }) {
    const connect = await connectorTo(settings, port)
    end = connect()
    const connection = await end
    connection.on('error', giveUp)
    return null
  },
  async expect({ octets }) {
    receiving = receiveAll(await end, octets)
    return null
  },
  send: async ({ writeSize, writes }) => sendAll(await end, writeSize, writes),
  received: () => receiving,
})

/** The parent is told by the end of this process. */
function giveUp({ message }: Error): void {
  console.error(message)
  process.exit(1)
}
