/** The example with Valkey, or Redis, as a real server: Debian has it as valkey-server or redis-server. */
import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const found = ['valkey-server', 'redis-server'].some((name) => spawnSync(name, ['--version']).status === 0)
const missing = !found && process.env['CI'] === undefined
const reason = missing ? ' (skipped: there is no valkey-server or redis-server)' : ''

describe.skipIf(missing)(`sessions kept in Valkey${reason}`, () => {
  it('go from one server to the other, once each; while it is down there are full handshakes', async () => {
    const program = ['examples/session-store-valkey.mjs']
    const { stdout } = await promisify(execFile)(process.execPath, program, { timeout: 25_000 })
    const lines = stdout.trimEnd().split('\n')
    expect(lines.filter((line) => !line.includes('ERR_SESSION_STORE'))).toEqual([
      'client at host one: full handshake, X25519MLKEM768',
      'client at host two: resumed, X25519MLKEM768',
      'kept in the store: 2 sessions, for 60 minutes',
      'client at host one: full handshake, X25519MLKEM768',
      'client at host two: full handshake, X25519MLKEM768',
      'client at host one: resumed, X25519MLKEM768',
    ])
    const failures = lines.filter((line) => line.includes('ERR_SESSION_STORE'))
    expect(failures.map((line) => line.replace(/^host \w+: /, ''))).toEqual([
      'the session store failed to give a session (ERR_SESSION_STORE)',
      'the session store failed to keep a session (ERR_SESSION_STORE)',
    ])
  })
})
