/** A service that knows nothing of Trefoil, and its own client, with the tunnel between. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { postgresqlMissing, runPostgresql, startPostgresql } from '../support/postgresql.mjs'
import { file, isBuilt, notBuilt } from './command.js'
import { type End, startEnd } from './tunnels.js'

const missing = postgresqlMissing === null ? '' : ` (skipped: ${postgresqlMissing})`

describe.skipIf(!isBuilt || missing !== '')(`PostgreSQL through a tunnel${notBuilt}${missing}`, () => {
  let cluster: Awaited<ReturnType<typeof startPostgresql>> | undefined
  let client: End

  beforeAll(async () => {
    cluster = await startPostgresql()
    const psk = ['--psk-file', file('postgresql.psk', `database:${randomBytes(32).toString('hex')}\n`)]
    const server = await startEnd(
      'server',
      `127.0.0.1:${cluster.port}`,
      ...psk,
      '--psk-local-id',
      'db',
      '--psk-peer-id',
      'app',
    )
    client = await startEnd(
      'client',
      `127.0.0.1:${server.port}`,
      ...psk,
      '--psk-local-id',
      'app',
      '--psk-peer-id',
      'db',
    )
  })
  afterAll(() => cluster?.stop())

  const psql = (statement: string, input?: string) =>
    runPostgresql('psql', client.port, ['-X', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-c', statement], input)

  it('answers a query', async () => {
    expect(await psql("SELECT 6 * 7, inet_server_addr() = '127.0.0.1'")).toBe('42|t\n')
  })

  it('copies 4 MiB in and out again unharmed', async () => {
    const rows = Array.from({ length: 4096 }, (_, i) => `${i}\t${randomBytes(512).toString('hex')}\n`).join('')
    await psql('CREATE TABLE blobs (id int PRIMARY KEY, hex text)')
    expect(await psql('COPY blobs FROM STDIN', rows)).toBe('COPY 4096\n')
    expect((await psql('COPY (SELECT * FROM blobs ORDER BY id) TO STDOUT')) === rows).toBe(true)
  })
})
