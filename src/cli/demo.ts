/**
 * `trefoil demo`: two key managers over a simulated BB84 link, a server and a client, each a process of its own; two
 * handshakes, then an eavesdropper on the fibre; and every claim checked against what both sides report.
 */
import { Command } from 'commander'
import { TrefoilError } from '../errors.js'
import { check } from './demo/claims.js'
import { checkEavesdropped, eavesdrop } from './demo/eavesdropper.js'
import { type Identity, type Materials, makeMaterials, SAE_A, SAE_B } from './demo/materials.js'
import { draw, drawEavesdropped, drawSites, drawVerdict } from './demo/picture.js'
import { Child } from './demo/processes.js'
import { run, type Scenario, type Spawn, scenarios } from './demo/scenario.js'
import { printer } from './output.js'

export function demoCommand(): Command {
  return new Command('demo')
    .description('two simulated sites: handshakes with X25519, ML-KEM-768 and a QKD key, and an eavesdropper')
    .option('--json', 'print machine-readable lines')
    .action(async ({ json = false }: { json?: boolean }) => {
      const materials = makeMaterials()
      const children: Child[] = []
      const cleanUp = () => {
        for (const child of children) child.stop()
        materials.remove()
      }
      // Interrupted, it leaves neither processes nor files behind.
      const onSignal = () => {
        cleanUp()
        process.exit(1)
      }
      process.once('SIGINT', onSignal).once('SIGTERM', onSignal)
      try {
        await demonstrate(materials, json, (name, args) => {
          const child = new Child(name, args)
          children.push(child)
          return child
        })
      } finally {
        process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
        cleanUp()
      }
    })
}

/** @throws TrefoilError when anything is not as claimed */
async function demonstrate(materials: Materials, json: boolean, spawn: Spawn): Promise<void> {
  const start = performance.now()
  const print = printer(json)
  const { processes, urls } = await startKeyManagers(materials, spawn)
  print({ event: 'sites', keyManagers: processes.map(({ name, pid }) => ({ name, pid })), urls }, drawSites(processes))
  const keyIds: string[] = []
  let total = 0
  let failed = 0
  const acts = scenarios(materials)
  for (const [i, scenario] of acts.entries()) {
    const observed = await run(scenario, materials, urls, spawn)
    const claims = check(scenario, observed, keyIds)
    keyIds.push(observed.client.qkd?.keyId ?? '')
    total += claims.length
    failed += claims.filter(({ holds }) => !holds).length
    const { title, name } = scenario
    print({ event: 'scenario', name, title, ...observed, claims }, draw(i + 1, scenario, observed, claims))
  }
  const eavesdropped = await eavesdrop(acts[0] as Scenario, materials, urls, processes[0], spawn)
  const claims = checkEavesdropped(eavesdropped)
  total += claims.length
  failed += claims.filter(({ holds }) => !holds).length
  print({ event: 'eavesdropper', ...eavesdropped, claims }, drawEavesdropped(acts.length + 1, eavesdropped, claims))
  const milliseconds = Math.round(performance.now() - start)
  print({ event: 'summary', claims: total, failed, milliseconds }, drawVerdict(failed, total, milliseconds))
  if (failed > 0) throw new TrefoilError('ERR_INTERNAL', `${failed} of ${total} claims do not hold`)
}

/** Site B first: site A sends it the keys that the client fetches, and so needs its address. */
async function startKeyManagers(materials: Materials, spawn: Spawn) {
  const { kmeA, kmeB } = materials
  const b = spawn('KME-B', kmeArguments(materials, kmeB, ['KME-B', SAE_B], ['KME-A', SAE_A]))
  const server = String((await b.line('listening'))['url'])
  const toB = ['--peer-url', server]
  // The ends of the simulated link are in one process; site B gets its half of each key over TLS.
  const link = ['--link', 'bb84', '--control']
  const a = spawn('KME-A', [...kmeArguments(materials, kmeA, ['KME-A', SAE_A], ['KME-B', SAE_B]), ...toB, ...link])
  const client = String((await a.line('listening'))['url'])
  return { processes: [a, b] as const, urls: { client, server } }
}

type Site = readonly [kmeId: string, saeId: string]

function kmeArguments({ kmeCa }: Materials, { cert, key }: Identity, site: Site, peer: Site): string[] {
  return [
    ...['kme', '--listen', '127.0.0.1:0', '--json', '--cert', cert, '--key', key, '--ca', kmeCa],
    ...['--kme-id', site[0], '--sae', site[1], '--peer-kme-id', peer[0], '--peer-sae', peer[1]],
  ]
}
