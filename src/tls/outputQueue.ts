/** What a connection wants to have done, in order, until somebody asks for it. */
import { wipe } from '../bytes.js'
import type { Output } from './events.js'

export class OutputQueue {
  private outputs: Output[] = []

  push(output: Output): void {
    this.outputs.push(output)
  }

  next(): Output | undefined {
    return this.outputs.shift()
  }

  /** Nobody needs to work for a request that has not been seen yet. */
  dropRequests(): void {
    this.outputs = this.outputs.filter(({ type }) => type !== 'request')
  }

  /** Nobody will ask. */
  discard(): void {
    for (const output of this.outputs) if (output.type === 'session') wipe(output.session.psk)
    this.outputs = []
  }
}
