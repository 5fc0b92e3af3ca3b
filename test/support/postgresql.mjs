// A PostgreSQL cluster that lives as long as a test or a benchmark: in a folder of its own, on 127.0.0.1, made by the
// programs of Debian's package `postgresql` (or any others under /usr/lib/postgresql, or on the PATH).
import { execFile, execFileSync, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

const DEBIAN = '/usr/lib/postgresql'
/** libpq would ask for its own TLS first. */
const ENVIRONMENT = { PGSSLMODE: 'disable', PGGSSENCMODE: 'disable', PGUSER: 'postgres', PGDATABASE: 'postgres' }

const folder = programFolder()
const account = folder === null ? null : unprivileged()

/** Why there can be no cluster here; null where there can. */
export const postgresqlMissing =
  folder === null
    ? 'PostgreSQL is not installed: apt-get install postgresql'
    : account === null
      ? 'PostgreSQL does not run as root, and there is no user postgres'
      : null

/** Makes a cluster and starts it. It has no password: it is for this machine, and for a moment. */
export async function startPostgresql() {
  const data = mkdtempSync(join(tmpdir(), 'trefoil-postgresql-'))
  const { uid, gid } = account
  if (uid !== undefined) chownSync(data, uid, gid)
  execFileSync(program('initdb'), ['-D', data, '-A', 'trust', '-U', 'postgres', '--no-sync', '-E', 'UTF8'], {
    ...account,
    cwd: data,
    stdio: 'pipe',
  })
  const port = await freePort()
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: data,
    fsync: 'off',
    max_connections: 50,
  }
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const server = spawn(program('postgres'), ['-D', data, ...options], {
    ...account,
    cwd: data,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  await new Promise((resolve, reject) => {
    let log = ''
    server.stderr.setEncoding('utf8').on('data', (text) => {
      log += text
      if (log.includes('ready to accept connections')) resolve()
    })
    server.once('close', () => reject(new Error(`PostgreSQL did not start: ${log}`)))
  })
  return {
    port,
    async stop() {
      const closed = new Promise((resolve) => server.once('close', resolve))
      server.kill('SIGINT')
      await closed
      rmSync(data, { recursive: true, force: true })
    },
  }
}

/** Runs one of its programs (psql, pgbench) to the end against a port; resolves with stdout. */
export function runPostgresql(name, port, args, input = '') {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...ENVIRONMENT, PGHOST: '127.0.0.1', PGPORT: String(port) }
    const child = execFile(program(name), args, { env, maxBuffer: 1 << 28 }, (error, stdout, stderr) =>
      error ? reject(new Error(`${name} failed: ${stderr}`, { cause: error })) : resolve(stdout),
    )
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })
}

function program(name) {
  return join(folder, name)
}

function programFolder() {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [
    ...versions.map((version) => join(DEBIAN, version, 'bin')),
    ...(process.env.PATH ?? '').split(delimiter),
  ]
  const needed = ['initdb', 'postgres', 'psql', 'pgbench']
  return folders.find((candidate) => needed.every((name) => existsSync(join(candidate, name)))) ?? null
}

/** Whom the server runs as: this user, or the user postgres where this is root. */
function unprivileged() {
  if (process.getuid?.() !== 0) return {}
  try {
    const [uid, gid] = ['-u', '-g'].map((which) => Number(execFileSync('id', [which, 'postgres'], { stdio: 'pipe' })))
    return { uid, gid }
  } catch {
    return null
  }
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}
