/** Memory that is given back before the collector comes for it. */
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** ArrayBuffer.prototype.transfer: Node 22 and later. */
const transfer = (ArrayBuffer.prototype as { transfer?: (length: number) => ArrayBuffer }).transfer
/** Octets; less is not worth the call. */
const WORTH_RELEASING = 4096

/** What a transport brought and the core has read, where it is ours alone: of a net.Socket to which nobody else listens. */
export function releaseReceived(octets: Uint8Array, transport: Duplex): void {
  if (transport instanceof Socket && transport.listenerCount('data') === 1) releaseOctets(octets)
}

/** Detaches the memory of octets that fill it and that nobody else will read again: they are empty afterwards. */
export function releaseOctets({ buffer, byteLength }: Uint8Array): void {
  if (transfer === undefined || byteLength < WORTH_RELEASING || byteLength !== buffer.byteLength) return
  transfer.call(buffer as ArrayBuffer, 0)
}
