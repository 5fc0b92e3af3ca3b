/** Where a run took place. */
import { readFileSync } from 'node:fs'
import { arch, cpus, platform } from 'node:os'
import { defaultProvider } from '../crypto/index.js'
import type { ReportEnvironment } from './report.js'

export function environmentOf(seed: string, startedAt: Date): ReportEnvironment {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  const processors = cpus()
  return {
    trefoil: String(version),
    node: process.versions.node,
    provider: defaultProvider().name,
    platform: `${platform()} ${arch()}, ${processors.length} × ${processors[0]?.model.trim() ?? 'processor'}`,
    seed,
    startedAt: startedAt.toISOString(),
  }
}
