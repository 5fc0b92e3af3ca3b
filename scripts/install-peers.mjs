// Installs the peer binaries of test/peers when they are missing or not those of the lock file.
// Without them tests skip and say so; in CI their absence is a failure.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { peerAlias, peerBinary, peerMajors, peersFolder } from '../test/peers/binaries.mjs'
import { statusOf } from './lib/run.mjs'

const wanted = lockedPackages(join(peersFolder, 'package-lock.json'))
const offered = peerMajors.filter((major) => wanted.has(peerAlias(major)))

if (offered.length === 0) console.error(`no peer binaries are published for ${process.platform} ${process.arch}`)
else if (!offered.every(isUpToDate)) install()

function isUpToDate(major) {
  const installed = lockedPackages(join(peersFolder, 'node_modules/.package-lock.json'))
  const alias = peerAlias(major)
  return peerBinary(major) !== null && installed.get(alias) === wanted.get(alias)
}

function install() {
  const status = statusOf('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: peersFolder,
    shell: process.platform === 'win32',
  })
  if (status === 0 && offered.every(isUpToDate)) return
  console.error('the peer binaries could not be installed: tests against them will be skipped')
  if (process.env.CI) process.exit(1)
}

/** Alias to integrity, from a lock file of version 3; empty when there is none. */
function lockedPackages(path) {
  if (!existsSync(path)) return new Map()
  const { packages } = JSON.parse(readFileSync(path, 'utf8'))
  return new Map(
    Object.entries(packages).map(([place, { integrity }]) => [place.replace('node_modules/', ''), integrity]),
  )
}
