/** Memory that is given back before the collector comes for it. */

/** ArrayBuffer.prototype.transfer: Node 22 and later. */
const transfer = (ArrayBuffer.prototype as { transfer?: (length: number) => ArrayBuffer }).transfer
/** Octets; less is not worth the call. */
const WORTH_RELEASING = 4096

/** Detaches the memory of octets that fill it and that nobody else will read again: they are empty afterwards. */
export function releaseOctets({ buffer, byteLength }: Uint8Array): void {
  if (transfer === undefined || byteLength < WORTH_RELEASING || byteLength !== buffer.byteLength) return
  transfer.call(buffer as ArrayBuffer, 0)
}
