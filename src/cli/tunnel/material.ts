/** What a tunnel reads from files and may read again: certificates, keys, PSKs, and the key source behind them. */
import type { Command } from 'commander'
import { toTrefoilError } from '../../errors.js'
import type { Metrics, ObservedKeySource } from '../../node/metrics/index.js'
import type { Tunnel, TunnelClientTls, TunnelServerTls } from '../../node/tunnel/index.js'
import { readFile } from '../files.js'
import type { KeySupply } from '../keySupply.js'
import { errorEvent } from '../output.js'
import { type ResolvedOptions, resolveSharedOptions } from '../sharedOptions.js'
import type { TunnelCommandOptions } from './options.js'
import type { TunnelPrinter } from './report.js'

/** Milliseconds for handshakes under way to be done with a key source that has been replaced. */
const RETIREMENT = 15_000

interface Loaded {
  readonly tls: TunnelServerTls & TunnelClientTls
  readonly resolved: ResolvedOptions
  readonly observed: ObservedKeySource | null
}

export class Material {
  readonly #role: 'client' | 'server'
  readonly #options: TunnelCommandOptions
  readonly #command: Command
  readonly #metrics: Metrics | null
  readonly #retiring = new Map<KeySupply, NodeJS.Timeout>()
  #loaded: Loaded
  #closed = false

  private constructor(context: Context, loaded: Loaded) {
    this.#role = context.role
    this.#options = context.options
    this.#command = context.command
    this.#metrics = context.metrics
    this.#loaded = loaded
    this.#noteCertificates()
  }

  /** @throws TrefoilError for files that cannot be read, and as the key source does */
  static async load(
    role: 'client' | 'server',
    options: TunnelCommandOptions,
    command: Command,
    monitor: { readonly metrics: Metrics } | null,
  ): Promise<Material> {
    const context = { role, options, command, metrics: monitor?.metrics ?? null }
    return new Material(context, await load(context))
  }

  get tls(): TunnelServerTls & TunnelClientTls {
    return this.#loaded.tls
  }

  get writeKeylog(): ((line: Buffer) => void) | null {
    return this.#loaded.resolved.writeKeylog
  }

  /** Reads everything anew. What is bad in any part leaves the tunnel as it is, and is told. */
  async reload(tunnel: Tunnel, print: TunnelPrinter): Promise<void> {
    const before = this.#loaded
    // A key file is locked by whoever has it open, and a bootstrap register counts as it stands in memory.
    const { qkdFile, qkdBootstrap } = this.#options
    const kept = qkdFile !== undefined || qkdBootstrap !== undefined ? before.resolved.supply : null
    let next: Loaded | null = null
    const discard = async () => {
      next?.observed?.unobserve()
      if (kept === null) await next?.resolved.close()
    }
    try {
      next = await load(this.#context(), kept)
      // The tunnel may have ended meanwhile: then nobody would close what has been opened.
      if (this.#closed) return await discard()
      tunnel.reload(next.tls)
    } catch (thrown) {
      await discard()
      this.#metrics?.countReload('failure')
      const { code, message } = errorEvent(toTrefoilError(thrown))
      print({ event: 'reload-failed', code, message }, `not reloaded, all stays as it was: ${message} (${code})`)
      return
    }
    this.#loaded = next
    before.observed?.unobserve()
    if (kept === null && before.resolved.supply !== null) this.#retire(before.resolved.supply)
    this.#noteCertificates()
    this.#metrics?.countReload('success')
    print({ event: 'reloaded' }, 'reloaded')
  }

  async close(): Promise<void> {
    this.#closed = true
    const retiring = [...this.#retiring]
    this.#retiring.clear()
    for (const [, timer] of retiring) clearTimeout(timer)
    await Promise.all([...retiring.map(([supply]) => supply.close()), this.#loaded.resolved.close()])
  }

  #retire(supply: KeySupply): void {
    const end = () => {
      this.#retiring.delete(supply)
      supply.close().catch(() => {})
    }
    this.#retiring.set(supply, setTimeout(end, RETIREMENT).unref())
  }

  #noteCertificates(): void {
    const { cert, ca, qkdKme, qkdCert } = this.#options
    this.#noteCertificate('own', cert)
    this.#noteCertificate('ca', ca)
    if (qkdKme) this.#noteCertificate('key_manager_client', qkdCert)
  }

  /** What is in use, and yet not to be read here or any more, is only without its expiry. */
  #noteCertificate(certificate: string, path: string | undefined): void {
    if (path === undefined) return
    try {
      this.#metrics?.observeCertificates(certificate, readFile(path))
    } catch (thrown) {
      process.stderr.write(`trefoil: the metrics do not tell when ${path} expires: ${toTrefoilError(thrown).message}\n`)
    }
  }

  #context(): Context {
    return { role: this.#role, options: this.#options, command: this.#command, metrics: this.#metrics }
  }
}

interface Context {
  readonly role: 'client' | 'server'
  readonly options: TunnelCommandOptions
  readonly command: Command
  readonly metrics: Metrics | null
}

async function load({ role, options, command, metrics }: Context, kept: KeySupply | null = null): Promise<Loaded> {
  const resolved = await resolveSharedOptions(options, command, kept)
  const { qkd } = resolved.tls
  const observed = (qkd && metrics?.observeKeySource(qkd.source, [qkd.peerSaeId].flat())) ?? null
  const tls = { ...resolved.tls, qkd: qkd && observed ? { ...qkd, source: observed } : qkd }
  const { requestCert, tickets, servername } = options
  return { tls: role === 'server' ? { ...tls, requestCert, tickets } : { ...tls, servername }, resolved, observed }
}
