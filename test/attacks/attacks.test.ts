/** Every attack of the table, in every mode that it makes sense in: who notices, how, and that nothing was said. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { ERROR_TABLE } from '../../src/errors.js'
import { confront, SAID } from './confront.js'
import { cases, renderTables } from './row.js'
import { setting } from './settings.js'
import { FAMILIES } from './table.js'

/** How the other end ends where the alert is lost on it: under other keys, or kept by the attacker. */
const WITHOUT_THE_ALERT = [
  ['ERR_BAD_RECORD_MAC', 'bad_record_mac'],
  ['ERR_UNEXPECTED_MESSAGE', 'unexpected_message'],
  ['ERR_TRUNCATED', null],
]

describe.each(FAMILIES.map((family) => [family.title, family] as const))('%s', (_, family) => {
  const { adapt = (honest) => honest } = family
  const modes = [...new Set(cases(family).map(([, { mode }]) => mode))]

  it('has no attack twice, and none that nobody notices', () => {
    const attacks = family.rows.map(({ attack }) => attack)
    expect(new Set(attacks).size).toBe(attacks.length)
    for (const { notices } of family.rows) expect(notices.flatMap((notice) => notice.modes)).not.toEqual([])
  })

  it.each(modes)('%s: while nobody does anything, both say what they have to say', async (mode) => {
    const { client, server } = await confront(adapt(setting(mode)))
    expect([client.received, client.end]).toEqual([SAID.server, null])
    expect([server?.received, server?.end]).toEqual([SAID.client, null])
    // The best that the ends can do, or there would be nothing to lose.
    expect(client.protection?.keyExchange.mlkem).toBe('ML-KEM-768')
    expect(client.protection?.authentication.scheme ?? 'mldsa44').toBe('mldsa44')
    expect(client.protection?.qkd != null).toBe(mode.includes('QKD'))
  })

  it.each(cases(family))('%s', async (_title, { mode, row, notice }) => {
    const { client, server } = await confront(await row.scene(adapt(setting(mode))))
    const { by, code } = notice
    const { alert } = ERROR_TABLE[code]
    const [noticing, other] = by === 'client' ? [client, server] : [server, client]
    expect(noticing?.end).toEqual([code, alert])
    expect([['ERR_ALERT_RECEIVED', alert], ...WITHOUT_THE_ALERT]).toContainEqual(other?.end)
    expect([client.received, server?.received ?? '']).toEqual(['', ''])
  })
})

const BEGIN = '<!-- attacks -->\n'

it('the document shows these tables', async () => {
  const path = fileURLToPath(new URL('../../docs/active-attacks.md', import.meta.url))
  const document = readFileSync(path, 'utf8')
  const [begin, end] = [document.indexOf(BEGIN) + BEGIN.length, document.indexOf('<!-- end -->')]
  expect([begin >= BEGIN.length, end >= begin]).toEqual([true, true])
  // `npx vitest run test/attacks/attacks.test.ts -u` fills them in.
  await expect(document.slice(0, begin) + renderTables(FAMILIES) + document.slice(end)).toMatchFileSnapshot(path)
})
