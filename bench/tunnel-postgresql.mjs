// PostgreSQL with pgbench over plain TCP and through `trefoil tunnel`, all of it on this machine and in turns, so that what
// else the machine does falls on both. Rates depend on how many processors there are for how many processes; the processor
// time that both ends of the tunnel take does so less. Linux only. Prints a table in Markdown.
// Usage: node bench/tunnel-postgresql.mjs [--seconds N] [--rounds N]; build first; needs Debian's package postgresql.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { postgresqlMissing, runPostgresql, startPostgresql } from '../test/support/postgresql.mjs'

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '5' }, rounds: { type: 'string', default: '3' } },
})
const [seconds, rounds] = [Number(values.seconds), Number(values.rounds)]
const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))
const CLIENTS = 8
const COPY_MIB = 64

if (postgresqlMissing !== null) {
  console.error(postgresqlMissing)
  process.exit(1)
}
const folder = mkdtempSync(join(tmpdir(), 'trefoil-bench-'))
const children = []
const cluster = await startPostgresql()
try {
  await runPostgresql('pgbench', cluster.port, ['-i', '-q', '-s', '5'])
  const paths = [
    { name: 'plain TCP', port: cluster.port, ends: [] },
    { name: 'tunnel, full handshakes', ...(await openTunnel('--no-tickets')) },
    { name: 'tunnel, resuming sessions', ...(await openTunnel()) },
  ]
  const measures = [
    { name: `select-only, ${CLIENTS} connections kept`, unit: 'transactions', take: (port) => transactions(port, []) },
    { name: 'select-only, a connection for each', unit: 'transactions', take: (port) => transactions(port, ['-C']) },
    { name: `COPY of ${COPY_MIB} MiB to the client`, unit: 'MiB', take: copy },
  ]
  const results = measures.map(() => paths.map(() => []))
  for (let round = 0; round < rounds; round++) {
    for (const [m, { take }] of measures.entries()) {
      for (const [p, { port, ends }] of paths.entries()) {
        const before = processorSeconds(ends)
        const { rate, amount } = await take(port)
        results[m][p].push({ rate, cost: (processorSeconds(ends) - before) / amount })
      }
    }
  }
  print(paths, measures, results)
} finally {
  for (const child of children) child.kill('SIGTERM')
  await cluster.stop()
  rmSync(folder, { recursive: true, force: true })
}

/** Both ends, under certificates with ML-DSA-65; the port of the plain side, and both processes. */
async function openTunnel(...options) {
  await command('cert', 'ca', '--name', 'Bench CA', '--out', join(folder, 'ca'), '--force')
  await command(
    'cert',
    'issue',
    '--ca',
    join(folder, 'ca'),
    '--san',
    '127.0.0.1',
    '--out',
    join(folder, 'server'),
    '--force',
  )
  const listen = ['--listen', '127.0.0.1:0', '--json']
  const own = ['--cert', join(folder, 'server.pem'), '--key', join(folder, 'server.key')]
  const server = await start('server', ...listen, '--to', `127.0.0.1:${cluster.port}`, ...own, ...options)
  const client = await start(
    'client',
    ...listen,
    '--to',
    `127.0.0.1:${server.port}`,
    '--ca',
    join(folder, 'ca.pem'),
    ...options,
  )
  return { port: client.port, ends: [server.child, client.child] }
}

function start(role, ...args) {
  const child = spawn(process.execPath, [main, 'tunnel', role, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  return new Promise((resolve, reject) => {
    child.once('close', (code) => reject(new Error(`tunnel ${role} ended with ${code}`)))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { event, port } = JSON.parse(line)
      if (event === 'listening') resolve({ child, port })
    })
  })
}

function command(...args) {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'ignore', 'inherit'] })
  return new Promise((resolve, reject) => {
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`${args.join(' ')} ended with ${code}`))))
  })
}

async function transactions(port, more) {
  const args = ['-S', '-n', '-c', `${CLIENTS}`, '-j', '2', '-T', `${seconds}`, ...more]
  const report = await runPostgresql('pgbench', port, args)
  const [rate, amount] = [/^tps = ([\d.]+)/m, /actually processed: (\d+)/].map((line) => Number(line.exec(report)?.[1]))
  return { rate, amount }
}

async function copy(port) {
  const rows = COPY_MIB * 1024
  const statement = `\\copy (SELECT repeat('x', 1023) FROM generate_series(1, ${rows})) TO '/dev/null'`
  const started = performance.now()
  await runPostgresql('psql', port, ['-X', '-q', '-c', statement])
  return { rate: COPY_MIB / ((performance.now() - started) / 1000), amount: COPY_MIB }
}

/** Of both ends so far, user and system time (proc_pid_stat(5), in hundredths of a second). */
function processorSeconds(ends) {
  return ends.reduce((sum, { pid }) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return sum + (Number(fields[11]) + Number(fields[12])) / 100
  }, 0)
}

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}

function print(paths, measures, results) {
  const machine = `${cpus().length} × ${cpus()[0]?.model}, load ${loadavg()[0]?.toFixed(1)}`
  console.log(`Node ${process.versions.node}, ${machine}; median of ${rounds} rounds of ${seconds} s\n`)
  const tunnels = paths.slice(1).map(({ name }) => `${name} | processor time of both ends, for each`)
  console.log(`| per second | ${[paths[0].name, ...tunnels].join(' | ')} |`)
  console.log(`|---|---:|${tunnels.map(() => '---:|---:|').join('')}`)
  for (const [m, { name, unit }] of measures.entries()) {
    const [plain, ...others] = results[m].map((taken) => ({
      rate: median(taken.map(({ rate }) => rate)),
      cost: median(taken.map(({ cost }) => cost)),
    }))
    const cells = others.flatMap(({ rate, cost }) => [
      `${round(rate)} (${(rate / plain.rate).toFixed(2)} ×)`,
      `${(cost * 1000).toFixed(2)} ms`,
    ])
    console.log(`| ${name}, ${unit} | ${[round(plain.rate), ...cells].join(' | ')} |`)
  }
}

function round(value) {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(1)
}
