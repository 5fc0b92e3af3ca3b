// Starts a Valkey or Redis of our own: in memory, on a Unix socket in a folder of its own, so that nobody else gets at it.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The name of the program; undefined where neither is installed (Debian: valkey-server or redis-server). */
export const VALKEY = ['valkey-server', 'redis-server'].find((name) => spawnSync(name, ['--version']).status === 0)

/** What it says of its start, and how to reach and to end it. `start` may be called again after `kill`. */
export function ownValkey() {
  const folder = mkdtempSync(join(tmpdir(), 'trefoil-valkey-'))
  const path = join(folder, 'socket')
  let child
  return {
    path,
    async start() {
      child = spawn(VALKEY, ['--port', '0', '--unixsocket', path, '--save', '', '--dir', folder])
      let output = ''
      const ended = once(child, 'exit').then(([code]) => {
        throw new Error(`${VALKEY} ended with ${code}: ${output}`)
      })
      ended.catch(() => {})
      const ready = new Promise((resolve) => {
        child.stdout.on('data', (chunk) => {
          output += chunk
          if (/ready to accept connections/i.test(output)) resolve()
        })
      })
      await Promise.race([ready, ended])
    },
    async kill() {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
