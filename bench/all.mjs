// Runs `trefoil bench` on this Node and on the peers' (24 and 26), one after the other, and keeps what came out:
// bench/results/node-MAJOR.json and .html. Usage: node bench/all.mjs [options of trefoil bench, such as --quick].
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../scripts/lib/run.mjs'
import { peerBinary, peerMajors } from '../test/peers/binaries.mjs'

const main = join(root, 'dist/cli/main.js')
const results = join(root, 'bench/results')
const options = process.argv.slice(2)

if (!existsSync(main)) throw new Error('dist is not built: npm run build')
mkdirSync(results, { recursive: true })
for (const binary of [process.execPath, ...peerMajors.map(peerBinary)]) {
  if (binary === null) console.error('a Node of the peers is not installed (node scripts/install-peers.mjs): left out')
  else runOn(binary)
}

function runOn(binary) {
  const version = spawnSync(binary, ['--version'], { encoding: 'utf8' }).stdout.trim()
  const name = join(results, `node-${/\d+/.exec(version)?.[0]}`)
  console.error(`${version}: trefoil bench ${options.join(' ')}`)
  const { stdout, status } = spawnSync(
    binary,
    [main, 'bench', ...options, '--json', '--html', `${name}.html`, '--force'],
    {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      maxBuffer: 2 ** 28,
    },
  )
  if (status !== 0) throw new Error(`trefoil bench failed on ${version}`)
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const { event: _, ...start } = lines.find(({ event }) => event === 'start')
  const { ratios } = lines.find(({ event }) => event === 'summary')
  const sections = lines.filter(({ event }) => event === 'section').map(({ event: _event, ...section }) => section)
  const command = ['node bench/all.mjs', ...options].join(' ')
  writeFileSync(`${name}.json`, `${JSON.stringify({ command, ...start, ratios, sections }, null, 1)}\n`)
  console.log(version, JSON.stringify(ratios))
}
