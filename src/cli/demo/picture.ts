/** The demonstration for people: one picture for each handshake. Colours only where stdout is a terminal. */
import { styleText } from 'node:util'
import type { HandshakeEvent } from '../output.js'
import type { Claim } from './claims.js'
import type { Eavesdropped } from './eavesdropper.js'
import { SAE_A, SAE_B } from './materials.js'
import type { Observed, Scenario } from './scenario.js'

type Style = Parameters<typeof styleText>[0]

const WIDTH = 76

export function drawSites(processes: readonly { readonly name: string; readonly pid: number }[]): string {
  const pid = (name: string) => processes.find((process) => process.name === name)?.pid ?? 0
  return [
    '',
    `  ${style('bold', 'site A')}                              ${style('bold', 'site B')}`,
    `  key manager KME-A  pid ${column(pid('KME-A'))}  ═ BB84 ═  key manager KME-B  pid ${pid('KME-B')}`,
    '        │ ETSI GS QKD 014, mutual TLS          │ ETSI GS QKD 014, mutual TLS',
    `  client ${SAE_A}                   server ${SAE_B}`,
    '',
  ].join('\n')
}

export function draw(
  number: number,
  { title }: Scenario,
  { client, server, octetsSent }: Observed,
  claims: readonly Claim[],
): string {
  const { keyExchange, qkd, psk, handshake } = client
  return [
    style('bold', `${number}. ${title}`),
    style('dim', '─'.repeat(WIDTH)),
    row('server known by', authenticatedBy(client)),
    row('client known by', authenticatedBy(server)),
    row(
      'keys fed by',
      `${style('cyan', 'X25519')} + ${style('cyan', keyExchange.mlkem ?? 'no ML-KEM')}  (${keyExchange.group})`,
    ),
    row('', `${style('magenta', 'QKD key')}  ${qkd?.keyId ?? 'none'}  at the client`),
    row('', `         ${server.qkd?.keyId ?? 'none'}  at the server`),
    ...(psk === null ? [] : [row('', `${style('yellow', 'PSK')}      ${psk.identity}`)]),
    row('cipher suite', client.cipher),
    row('handshake', `${handshake.bytesSent} octets to the server, ${handshake.bytesReceived} to the client`),
    row('', `client ${time(client)}; server ${time(server)}`),
    row('application data', `${octetsSent} octets each way, closed by both sides`),
    '',
    ...checked(claims),
    '',
  ].join('\n')
}

export function drawEavesdropped(
  number: number,
  { qber, reason, keysUsedUp, refusal, fallback, recovered }: Eavesdropped,
  claims: readonly Claim[],
): string {
  return [
    style('bold', `${number}. an eavesdropper on the fibre, who intercepts and resends every pulse`),
    style('dim', '─'.repeat(WIDTH)),
    row('error rate', style('red', `${(100 * qber).toFixed(1)} % of the sifted bits`)),
    row('the link says', reason),
    row('', `${keysUsedUp} keys from before her were in stock, and are used up now`),
    row('under require', `no session (${refusal.code}):`),
    row('', refusal.message),
    row('under prefer', `${fallback.client.keyExchange.group}, ${style('yellow', 'no QKD key')}, and says so`),
    row('she leaves', `${style('magenta', 'QKD key')}  ${recovered.client.qkd?.keyId ?? 'none'}`),
    '',
    ...checked(claims),
    '',
  ].join('\n')
}

function checked(claims: readonly Claim[]): string[] {
  return claims.map(({ claim, holds }) => `  ${holds ? style('green', '✓') : style('red', '✗ NOT SO:')} ${claim}`)
}

export function drawVerdict(failed: number, total: number, milliseconds: number): string {
  const seconds = (milliseconds / 1000).toFixed(1)
  if (failed === 0) return style('green', `all ${total} claims hold (${seconds} s)`)
  return style('red', `${failed} of ${total} claims do not hold (${seconds} s)`)
}

function authenticatedBy({ authentication, peerSubject, psk }: HandshakeEvent): string {
  const { peer, scheme } = authentication
  if (peer === 'certificate')
    return `certificate of ${peerSubject}, signed with ${style('green', scheme ?? 'no scheme')}`
  if (peer === 'psk') return `pre-shared key ${style('green', psk?.identity ?? '')} (binder and Finished)`
  return peer === 'qkd' ? 'the QKD key (binder and Finished)' : style('red', 'nothing')
}

function time({ handshake }: HandshakeEvent): string {
  return `${handshake.milliseconds.toFixed(1)} ms, ${handshake.kmeMilliseconds.toFixed(1)} ms of it for its key manager`
}

function row(name: string, value: string): string {
  return `  ${name.padEnd(17)} ${value}`
}

function column(value: number): string {
  return String(value).padEnd(6)
}

function style(format: Style, text: string): string {
  return process.stdout.isTTY === true ? styleText(format, text) : text
}
