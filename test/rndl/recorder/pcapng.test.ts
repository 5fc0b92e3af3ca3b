/** Packet captures, read back by a reader that knows nothing of the writer, and by Wireshark's where it is installed. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { sentBy, type TapedConnection } from '../../../src/rndl/adversary/index.js'
import { makeMaterials, recordRun } from '../../../src/rndl/endpoints/index.js'
import { writePcapng } from '../../../src/rndl/recorder/index.js'
import { PLAIN_SETUP } from '../../../src/rndl/scenarios/index.js'
import { readPcapng, type TcpStream } from './pcapngReader.js'
import { aTape } from './tapes.js'

const octetsOf = (tape: readonly TapedConnection[]) =>
  tape.map((taped) => [sentBy(taped, 'client').toString('hex'), sentBy(taped, 'server').toString('hex')])
const octetsIn = (streams: readonly TcpStream[]) =>
  streams.map(({ client, server }) => [client.toString('hex'), server.toString('hex')])

describe('a packet capture', () => {
  it('holds the octets of every connection, in TCP that is right to the checksum', () => {
    fc.assert(
      fc.property(aTape, (tape) => {
        const { streams, linkType } = readPcapng(writePcapng(tape))
        expect(linkType).toBe(101)
        expect(octetsIn(streams)).toEqual(octetsOf(tape))
      }),
      { numRuns: 50 },
    )
  })

  it('opens and closes each connection, and sends no segment longer than was agreed', () => {
    const octets = new Uint8Array(5000)
    const tape = [
      { name: 'x', startedAt: 1_700_000_000_123, segments: [{ from: 'client', milliseconds: 2.5, octets }] },
    ]
    const { streams } = readPcapng(writePcapng(tape as TapedConnection[]))
    const [stream] = streams as [TcpStream]
    expect(stream.flags).toEqual(['S', 'SA', 'A', 'A', 'A', 'A', 'PA', 'FA', 'FA', 'A'])
    expect(Math.max(...stream.lengths)).toBe(stream.maximumSegmentSize)
    expect(stream.microseconds.slice(0, 4)).toEqual([...Array(3).fill(1_700_000_000_123_000), 1_700_000_000_125_500])
  })

  it('holds a key log where one is given', () => {
    const keyLog = 'CLIENT_TRAFFIC_SECRET_0 00 11\n'
    expect(readPcapng(writePcapng([], { keyLog })).keyLog).toBe(keyLog)
    expect(readPcapng(writePcapng([])).keyLog).toBeNull()
  })

  it('is decrypted by Wireshark with the key log of the session', async (context) => {
    if (spawnSync('tshark', ['--version']).status !== 0) context.skip('tshark is not installed')
    const seed = new Uint8Array(32).fill(1)
    const { tape, things, keyLog } = await recordRun(
      { name: 'x', setup: PLAIN_SETUP },
      { materials: makeMaterials(seed), seed },
    )
    const folder = mkdtempSync(join(tmpdir(), 'trefoil-pcapng-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const path = join(folder, 'session.pcapng')
    writeFileSync(path, writePcapng(tape, { keyLog }))
    const decoded = spawnSync('tshark', ['-r', path, '-q', '-z', 'follow,tls,raw,0'], { encoding: 'utf8' })
    for (const name of ['request', 'response']) {
      expect(decoded.stdout).toContain(things.find((thing) => thing.name === name)?.octets)
    }
    const warnings = spawnSync('tshark', ['-r', path, '-q', '-z', 'expert,warn'], { encoding: 'utf8' })
    expect(warnings.stdout).not.toMatch(/Malformed|checksum|retransmission|out-of-order/i)
  })
})
