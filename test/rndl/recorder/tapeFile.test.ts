/** The file format of tapes. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TrefoilError } from '../../../src/errors.js'
import type { TapedConnection } from '../../../src/rndl/adversary/index.js'
import { readTape, writeTape } from '../../../src/rndl/recorder/index.js'
import { aTape } from './tapes.js'

const HEADER = '{"format":"trefoil-tape","version":1}'
const NAMED = '{"connection":0,"name":"session"}'
const SEGMENT = '{"connection":0,"from":"client","milliseconds":1.5,"octets":"aGVsbG8="}'
const file = (...lines: readonly string[]): string => `${lines.join('\n')}\n`

/** Quicker to compare than long arrays of octets. */
function inHex(tape: readonly TapedConnection[]) {
  return tape.map(({ segments, ...connection }) => ({
    ...connection,
    segments: segments.map(({ octets, ...segment }) => ({ ...segment, octets: Buffer.from(octets).toString('hex') })),
  }))
}

function refusal(text: string): string {
  try {
    readTape(text)
  } catch (error) {
    if (error instanceof TrefoilError && error.code === 'ERR_INVALID_OPTION') return error.message
    throw error
  }
  return 'no refusal'
}

describe('a tape in a file', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(aTape, (tape) => {
        expect(inHex(readTape(writeTape(tape)))).toEqual(inHex(tape))
      }),
    )
  })

  it('looks as it is described', () => {
    expect(readTape(file(HEADER, NAMED, SEGMENT))).toEqual([
      {
        name: 'session',
        segments: [{ from: 'client', milliseconds: 1.5, octets: new Uint8Array(Buffer.from('hello')) }],
      },
    ])
    const tape: TapedConnection[] = [{ name: 'session', startedAt: 1_700_000_000_000, segments: [] }]
    expect(writeTape(tape)).toBe(file(HEADER, '{"connection":0,"name":"session","startedAt":1700000000000}'))
  })

  it('may mix the segments of several connections', () => {
    const second = '{"connection":1,"name":"other"}'
    const ofSecond = SEGMENT.replace('"connection":0', '"connection":1')
    const tape = readTape(file(HEADER, NAMED, second, ofSecond, SEGMENT, ofSecond))
    expect(tape.map(({ segments }) => segments.length)).toEqual([1, 2])
  })

  it.each([
    ['nothing', '', 'line 1 does not end'],
    ['no last line feed', HEADER, 'line 1 does not end'],
    ['another format', file('{"format":"pcap","version":1}'), 'line 1 is not that of'],
    ['a later version', file('{"format":"trefoil-tape","version":2}'), 'line 1 has a version'],
    ['more in the first line', file('{"format":"trefoil-tape","version":1,"x":1}'), 'line 1 has an unknown member "x"'],
    ['no JSON', file(HEADER, NAMED, 'x'), 'line 3 is not JSON'],
    ['an empty line', file(HEADER, ''), 'line 2 is not JSON'],
    ['an array', file(HEADER, '[]'), 'line 2 is no JSON object'],
    ['null', file(HEADER, 'null'), 'line 2 is no JSON object'],
    ['no connection', file(HEADER, '{"name":"x"}'), 'line 2 names no connection'],
    ['a connection left out', file(HEADER, '{"connection":1,"name":"x"}'), 'line 2 names a connection other than 0'],
    ['a connection twice', file(HEADER, NAMED, NAMED), 'line 3 names a connection other than 1'],
    ['no name', file(HEADER, '{"connection":0}'), 'line 2 has no name'],
    [
      'a start that is no time',
      file(HEADER, '{"connection":0,"name":"x","startedAt":"now"}'),
      'line 2 has a startedAt',
    ],
    ['a segment of nobody', file(HEADER, SEGMENT), 'line 2 has a segment of a connection'],
    ['a segment of -1', file(HEADER, NAMED, SEGMENT.replace(':0', ':-1')), 'line 3 has a segment of a connection'],
    ['another direction', file(HEADER, NAMED, SEGMENT.replace('client', 'tap')), 'line 3 comes neither'],
    ['time that is text', file(HEADER, NAMED, SEGMENT.replace('1.5', '"1.5"')), 'line 3 has a time'],
    ['time that runs back', file(HEADER, NAMED, SEGMENT, SEGMENT.replace('1.5', '1.4')), 'line 4 has a time'],
    ['no octets', file(HEADER, NAMED, SEGMENT.replace('octets', 'bytes')), 'line 3 has an unknown member "bytes"'],
    ['octets in hex', file(HEADER, NAMED, SEGMENT.replace('aGVsbG8=', 'aGVsbG8')), 'line 3 has octets that are not'],
  ])('with %s is refused', (_, text, message) => {
    expect(refusal(text)).toContain(message)
  })

  it('that was damaged anywhere is refused or read, and nothing else happens', () => {
    fc.assert(
      fc.property(aTape, fc.nat(), fc.string({ maxLength: 3 }), (tape, at, patch) => {
        const text = writeTape(tape)
        const where = at % text.length
        const damaged = text.slice(0, where) + patch + text.slice(where + patch.length)
        try {
          readTape(damaged)
        } catch (error) {
          expect(error).toBeInstanceOf(TrefoilError)
        }
      }),
    )
  })

  it('that is cut off inside a line is refused', () => {
    const text = file(HEADER, NAMED, SEGMENT)
    for (let length = 0; length < text.length; length++) {
      if (text[length - 1] === '\n') continue
      expect(refusal(text.slice(0, length))).toContain('does not end with a line feed')
    }
  })
})
