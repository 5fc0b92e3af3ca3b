/** `trefoil tunnel client|server`: any TCP service over Trefoil. docs/tunnel.md is for operators. */
import { Command } from 'commander'
import { createTunnel, formatAddress, type Tunnel, type TunnelOptions } from '../node/tunnel/index.js'
import { asUsage, asUsageLater } from './asUsage.js'
import { parseHostPort } from './hostPort.js'
import { parseCount, parseNumber } from './optionParsers.js'
import { printer } from './output.js'
import { addSharedOptions } from './sharedOptions.js'
import { parseAddress } from './tunnel/address.js'
import { Material } from './tunnel/material.js'
import { openMonitor } from './tunnel/monitor.js'
import type { TunnelCommandOptions } from './tunnel/options.js'
import { reportTunnel, type TunnelPrinter } from './tunnel/report.js'
import { untilStopped } from './tunnel/signals.js'

const DAY = 86_400

export function tunnelCommand(): Command {
  return new Command('tunnel')
    .description('carry any TCP service over Trefoil')
    .addCommand(endCommand('server', 'end Trefoil connections and lead each to a plain service', 'plain service'))
    .addCommand(endCommand('client', 'take plain connections and make a Trefoil connection for each', 'tunnel server'))
}

function endCommand(role: 'client' | 'server', description: string, target: string): Command {
  const command = new Command(role)
    .description(`${description}; SIGHUP reloads files, SIGTERM ends it`)
    .requiredOption('--listen <address>', 'where to listen: HOST:PORT or unix:PATH', parseAddress)
    .requiredOption('--to <address>', `where the ${target} is: HOST:PORT or unix:PATH`, parseAddress)
    .option('--max-connections <number>', 'connections at once', parseCount, 1000)
    .option('--max-connections-per-address <number>', 'those from one address (default: all)', parseCount)
    .option('--connect-timeout <seconds>', `for reaching the ${target}`, parseSeconds, 10)
    .option('--idle-timeout <seconds>', 'cut connections without an octet for so long; 0 never does', parseSeconds, 0)
    .option('--grace <seconds>', 'for open connections to end after SIGTERM', parseSeconds, 30)
    .option('--metrics <host:port>', 'serve /metrics, /healthz and /readyz there', parseHostPort)
    .option('--allow-remote-plain', 'let the plain side leave this machine, where nothing protects it')
  return addSharedOptions(command).action((options: TunnelCommandOptions) => run(role, options, command))
}

async function run(role: 'client' | 'server', options: TunnelCommandOptions, command: Command): Promise<void> {
  const print = printer(options.json === true)
  // Whoever reads the log may go away, and connections go on.
  const onLogLost = () => {}
  process.stdout.on('error', onLogLost)
  const monitor = options.metrics === undefined ? null : await openMonitor()
  const material = await Material.load(role, options, command, monitor)
  try {
    const tunnel = asUsage(command, () => createTunnel(tunnelOptions(role, options, material)))
    reportTunnel(tunnel, print)
    if (material.writeKeylog) tunnel.on('keylog', material.writeKeylog)
    await serve(tunnel, options, { command, material, monitor, print })
  } finally {
    process.stdout.off('error', onLogLost)
    await material.close()
  }
}

interface Surroundings {
  readonly command: Command
  readonly material: Material
  readonly monitor: Awaited<ReturnType<typeof openMonitor>> | null
  readonly print: TunnelPrinter
}

async function serve(tunnel: Tunnel, options: TunnelCommandOptions, around: Surroundings): Promise<void> {
  const { command, material, monitor, print } = around
  const { listen, to, metrics, grace } = options
  monitor?.metrics.observeTunnel(tunnel)
  // Before it listens, so that no signal that comes then ends the process.
  const stop = untilStopped({
    onReload: () => material.reload(tunnel, print),
    onAgain: () => void tunnel.close(),
  })
  try {
    const endpoint = metrics && (await monitor?.serve(metrics, tunnel, options.qkd === 'require'))
    if (endpoint) print({ event: 'metrics', ...endpoint.address }, `metrics on ${formatAddress(endpoint.address)}`)
    try {
      const address = await asUsageLater(command, () => tunnel.listen(listen))
      const { role } = tunnel
      const text = `tunnel ${role}: listening on ${formatAddress(address)}, leading to ${formatAddress(to)}`
      print({ event: 'listening', role, ...address, to: formatAddress(to) }, text)
      await stop.stopped
      const { connections } = tunnel.statistics
      const waiting = `stopping: ${connections} open connections have ${grace} seconds to end`
      print({ event: 'stopping', connections, graceSeconds: grace }, waiting)
      await tunnel.close({ graceMilliseconds: grace * 1000 })
      print({ event: 'stopped' }, 'stopped')
    } finally {
      await endpoint?.close()
    }
  } finally {
    stop.release()
  }
}

function tunnelOptions(role: 'client' | 'server', options: TunnelCommandOptions, { tls }: Material): TunnelOptions {
  const { to, maxConnections, maxConnectionsPerAddress, allowRemotePlain } = options
  const common = {
    to,
    maxConnections,
    maxConnectionsPerAddress,
    connectTimeout: options.connectTimeout * 1000,
    idleTimeout: options.idleTimeout * 1000,
    allowRemotePlain,
    tls,
  }
  return role === 'server' ? { role, ...common } : { role, ...common, sessions: options.tickets }
}

function parseSeconds(text: string): number {
  return parseNumber(text, 0, DAY)
}
