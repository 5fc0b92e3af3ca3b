/**
 * Tapes in a file (docs/tape-file.md): lines of JSON, one for the format, one for each connection and one for each
 * segment, in the order in which they were taped.
 */
import { TrefoilError } from '../../errors.js'
import type { Direction, TapedConnection, TapedSegment } from '../adversary/index.js'

const FORMAT = 'trefoil-tape'
const VERSION = 1

/** The text of the file, which ends with a line feed. */
export function writeTape(tape: readonly TapedConnection[]): string {
  const lines: object[] = [{ format: FORMAT, version: VERSION }]
  for (const [connection, { name, startedAt, segments }] of tape.entries()) {
    lines.push({ connection, name, ...(startedAt !== undefined && { startedAt }) })
    for (const { from, milliseconds, octets } of segments) {
      lines.push({ connection, from, milliseconds, octets: Buffer.from(octets).toString('base64') })
    }
  }
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('')
}

/**
 * Takes nothing but what the format says, so that what was read is what was taped. Segments of several connections may
 * stand in any mixture.
 * @throws TrefoilError ERR_INVALID_OPTION, with the number of the line
 */
export function readTape(text: string): TapedConnection[] {
  if (!text.endsWith('\n')) refuse(text.split('\n').length, 'does not end with a line feed: the file may be cut off')
  const [header, ...lines] = text.slice(0, -1).split('\n')
  readHeader(parseLine(header as string, 1))
  const tape: ReadConnection[] = []
  for (const [i, line] of lines.entries()) readLine(tape, parseLine(line, i + 2), i + 2)
  return tape
}

interface ReadConnection extends TapedConnection {
  readonly segments: TapedSegment[]
}

type Members = Readonly<Record<string, unknown>>

function readHeader(members: Members): void {
  if (members['format'] !== FORMAT) refuse(1, `is not that of a ${FORMAT} file`)
  if (members['version'] !== VERSION) refuse(1, `has a version other than ${VERSION}`)
  onlyMembers(members, ['format', 'version'], 1)
}

function readLine(tape: ReadConnection[], members: Members, line: number): void {
  const { connection } = members
  if (typeof connection !== 'number') refuse(line, 'names no connection')
  if ('from' in members) {
    const taped = tape[connection] ?? refuse(line, 'has a segment of a connection that was not named before')
    taped.segments.push(readSegment(members, taped.segments.at(-1)?.milliseconds ?? 0, line))
    return
  }
  if (connection !== tape.length) refuse(line, `names a connection other than ${tape.length}, the next`)
  tape.push(readConnection(members, line))
}

function readConnection(members: Members, line: number): ReadConnection {
  onlyMembers(members, ['connection', 'name', 'startedAt'], line)
  const { name, startedAt } = members
  if (typeof name !== 'string') refuse(line, 'has no name for its connection')
  if (startedAt !== undefined && !isTime(startedAt)) refuse(line, 'has a startedAt that is no time')
  return { name, ...(startedAt !== undefined && { startedAt }), segments: [] }
}

function readSegment(members: Members, earliest: number, line: number): TapedSegment {
  onlyMembers(members, ['connection', 'from', 'milliseconds', 'octets'], line)
  const { from, milliseconds, octets } = members
  if (!isDirection(from)) refuse(line, 'comes neither from the client nor from the server')
  if (!isTime(milliseconds) || milliseconds < earliest) refuse(line, 'has a time before that of an earlier segment')
  if (typeof octets !== 'string') refuse(line, 'has no octets')
  const read = Buffer.from(octets, 'base64')
  if (read.toString('base64') !== octets) refuse(line, 'has octets that are not base64 (RFC 4648 4)')
  return { from, milliseconds, octets: new Uint8Array(read) }
}

function parseLine(line: string, number: number): Members {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    refuse(number, 'is not JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse(number, 'is no JSON object')
  return value as Members
}

function onlyMembers(members: Members, known: readonly string[], line: number): void {
  const other = Object.keys(members).find((name) => !known.includes(name))
  if (other !== undefined) refuse(line, `has an unknown member ${JSON.stringify(other)}`)
}

function isDirection(value: unknown): value is Direction {
  return value === 'client' || value === 'server'
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

function refuse(line: number, what: string): never {
  throw new TrefoilError('ERR_INVALID_OPTION', `the tape cannot be read: line ${line} ${what}`)
}
