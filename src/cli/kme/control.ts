/** Commands to running key managers, one a line: `eve FRACTION`, `fault NAME`, `fault none`, `status`. */
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { InvalidArgumentError } from 'commander'
import { toTrefoilError } from '../../errors.js'
import { type Bb84Link, describeReason, type KeyManager, type KeyManagerFault } from '../../qkd/index.js'
import { errorEvent, type Printer } from '../output.js'
import { parseFraction } from './link.js'

export interface Controlled {
  readonly keyManagers: readonly KeyManager[]
  readonly link: Bb84Link | null
}

/** A record, so that none can be forgotten. */
const FAULTS: Record<KeyManagerFault, true> = {
  slow: true,
  down: true,
  'wrong-length': true,
  'bits-as-bytes': true,
  'duplicate-id': true,
  'swapped-key': true,
  exhausted: true,
  'half-answered': true,
}

/** @returns null for `none` */
export function parseFault(text: string): KeyManagerFault | null {
  if (text === 'none') return null
  if (Object.hasOwn(FAULTS, text)) return text as KeyManagerFault
  throw new InvalidArgumentError(`Expected none or one of ${Object.keys(FAULTS).join(', ')}.`)
}

/** Obeys until the input or `stop` ends it; each command is answered with one line. */
export function obey(input: Readable, controlled: Controlled, print: Printer, stop: AbortSignal): void {
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
  lines.on('line', (line) => {
    if (line.trim() === '') return
    try {
      answer(line.trim().split(/\s+/), controlled, print)
    } catch (thrown) {
      const event = errorEvent(toTrefoilError(thrown, 'ERR_INVALID_OPTION', (thrown as Error).message))
      print(event, `not done: ${event.message}`)
    }
  })
  stop.addEventListener('abort', () => {
    lines.close()
    input.destroy()
  })
}

function answer([command, ...values]: string[], { keyManagers, link }: Controlled, print: Printer): void {
  const [value] = values
  if (command === 'eve' && value !== undefined && values.length === 1) {
    if (link === null) throw new Error('without --link bb84 there is nothing to eavesdrop on')
    const fraction = parseFraction(value)
    link.setEavesdropper(fraction)
    print({ event: 'eve', fraction }, `eavesdropper on ${100 * fraction} % of the pulses`)
  } else if (command === 'fault' && value !== undefined && values.length === 1) {
    const fault = parseFault(value)
    for (const keyManager of keyManagers) keyManager.setFault(fault)
    print({ event: 'fault', fault }, `fault: ${fault ?? 'none'}`)
  } else if (command === 'status' && values.length === 0) {
    printStatus(keyManagers, link, print)
  } else {
    throw new Error('expected eve FRACTION, fault NAME, fault none or status')
  }
}

function printStatus(keyManagers: readonly KeyManager[], link: Bb84Link | null, print: Printer): void {
  const requests = keyManagers.map(({ kmeId, counters }) => ({ kmeId, ...counters }))
  const status = link?.status() ?? null
  const reason = status?.reason ? describeReason(status.reason) : null
  const text = [
    ...requests.map((of) => `${of.kmeId}: ${of.enc_keys} enc_keys, ${of.dec_keys} dec_keys, ${of.status} status`),
    ...(status === null
      ? []
      : [
          `link: ${status.state}, ${reason ?? 'gives keys'}`,
          `${status.netBits} secret bits, ${status.authentication.reserveBits} in reserve for authentication`,
          `${Math.round(status.rates.net)} bit/s at the rate of the source`,
        ]),
  ].join('\n')
  print({ event: 'status', requests, link: status === null ? null : { ...status, message: reason } }, text)
}
