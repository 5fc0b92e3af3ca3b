import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const programs = readdirSync('examples').filter((name) => name.endsWith('.mjs'))
/** Run where it can be said why they are not. */
const ELSEWHERE = ['session-store-valkey.mjs']

it.each(programs.filter((name) => !ELSEWHERE.includes(name)))('examples/%s runs to its end', (program) => {
  const output = execFileSync(process.execPath, [`examples/${program}`], { encoding: 'utf8', timeout: 25_000 })
  expect(output).not.toBe('')
})

it('examples/README.md names every program', () => {
  const text = readFileSync('examples/README.md', 'utf8')
  for (const program of programs) expect(text).toContain(`(${program})`)
})
