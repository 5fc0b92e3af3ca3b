/**
 * PEM (RFC 7468): reads every block of a text, whatever stands between the blocks, and is strict about what is inside
 * one: matching labels, no headers, canonical base64.
 */
import { type ErrorCode, TrefoilError } from '../errors.js'

export interface PemBlock {
  /** For instance `CERTIFICATE` or `PRIVATE KEY`. */
  readonly label: string
  readonly der: Uint8Array
}

const BEGIN = /^-----BEGIN ([A-Z0-9 ]+)-----[ \t]*$/
const LINE_LENGTH = 64

/**
 * All blocks, in order; none is not an error here.
 * @throws TrefoilError with `code` when a block is not closed, has headers, or holds anything but base64
 */
export function readPem(text: string, code: ErrorCode = 'ERR_INVALID_OPTION'): PemBlock[] {
  const blocks: PemBlock[] = []
  let label: string | null = null
  let body = ''
  for (const line of text.split(/\r\n|\n|\r/)) {
    const begin = BEGIN.exec(line)?.[1]
    if (label === null) {
      label = begin ?? null
      body = ''
    } else if (line.trimEnd() === `-----END ${label}-----`) {
      blocks.push({ label, der: fromBase64(body, label, code) })
      label = null
    } else if (line.startsWith('-----')) {
      throw new TrefoilError(code, `the PEM block ${label} is not closed by its own END line`)
    } else {
      body += line.trim()
    }
  }
  if (label !== null) throw new TrefoilError(code, `the PEM block ${label} has no END line`)
  return blocks
}

/** One block, in lines of 64 characters. */
export function writePem(label: string, der: Uint8Array): string {
  const lines = toBase64(der).match(new RegExp(`.{1,${LINE_LENGTH}}`, 'g')) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}

/** PEM text, or null when the input is not PEM (and so must be DER). */
export function asPemText(input: string | Uint8Array): string | null {
  if (typeof input === 'string') return input
  // Latin-1 keeps every octet apart, so text around the blocks need not be UTF-8.
  const text = new TextDecoder('latin1').decode(input)
  return text.includes('-----BEGIN ') ? text : null
}

function fromBase64(text: string, label: string, code: ErrorCode): Uint8Array {
  if (/[:,]/.test(text)) {
    throw new TrefoilError(code, `the PEM block ${label} has headers: it is encrypted or not in the form of RFC 7468`)
  }
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
    throw new TrefoilError(code, `the PEM block ${label} holds something else than base64`)
  }
  const binary = atob(text)
  if (btoa(binary) !== text) throw new TrefoilError(code, `the PEM block ${label} has stray bits after its last octet`)
  // A loop: Uint8Array.from takes a hundred times as long, and a certificate has thousands of octets.
  const octets = new Uint8Array(binary.length)
  for (let i = 0; i < octets.length; i++) octets[i] = binary.charCodeAt(i)
  return octets
}

function toBase64(bytes: Uint8Array): string {
  let binary = ''
  for (const octet of bytes) binary += String.fromCharCode(octet)
  return btoa(binary)
}
