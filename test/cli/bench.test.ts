import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { folderOfFile } from '../support/endOfFile.js'
import { file, isBuilt, misuse, notBuilt, run } from './command.js'

const folder = folderOfFile('trefoil-bench-cli-')
const [major = 0] = process.versions.node.split('.').map(Number)

describe.runIf(isBuilt)(`trefoil bench${notBuilt}`, () => {
  it('prints the machine, a line for each part, and the ratios last; and writes its page', async () => {
    const html = join(folder(), 'bench.html')
    const parts = ['--only', 'handshakes,loopback', '--modes', 'psk']
    const { code, events, stderr } = await run(['bench', '--quick', '--json', '--html', html, ...parts])
    expect(stderr).not.toContain('Error')
    expect(code).toBe(0)
    expect(events.map(({ event }) => event)).toEqual(['start', 'section', 'section', 'summary'])
    expect(events[0]).toMatchObject({ quick: true, machine: { node: process.versions.node } })
    expect(events.slice(1, 3).map(({ name }) => name)).toEqual(['handshakes', 'loopback'])

    // The contract: these names, and null for what was not measured or has no peer here.
    expect(events.at(-1)).toEqual({
      event: 'summary',
      ratios: {
        'mldsa65-server': { floor: null, nodeTls: null },
        'mldsa65-mutual': { floor: null, nodeTls: null },
        psk: { floor: expect.any(Number), nodeTls: major >= 24 ? expect.any(Number) : null },
        'bulk-16k': { nodeTls: null },
        'memory-idle': { nodeTls: null },
      },
    })
    expect(readFileSync(html, 'utf8')).toContain(`Node ${process.versions.node}`)
  }, 60_000)
})

describe('wrong usage of trefoil bench', () => {
  it.each([
    ['a part that there is not', ['--only', 'speed']],
    ['a mode that there is not', ['--modes', 'rsa']],
    ['an argument', ['everything']],
  ])('%s', async (_, args) => {
    expect(await misuse(['bench', ...args])).toMatchObject({ code: 2 })
  })

  it('a page that is there already is found before anything is measured', async () => {
    const there = file('there.html', 'mine')
    const { code, stdout } = await misuse(['bench', '--html', there])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(readFileSync(there, 'utf8')).toBe('mine')
  })
})
