/** Every attack of the table, in every mode that it makes sense in: who notices, how, and that nothing was said. */
import { describe, expect, it } from 'vitest'
import { ERROR_TABLE } from '../../src/errors.js'
import { confront, SAID } from './confront.js'
import { cases } from './row.js'
import { type ModeName, setting } from './settings.js'
import { FAMILIES } from './table.js'

describe.each(FAMILIES.map((family) => [family.title, family] as const))('%s', (_, family) => {
  const { adapt = (honest) => honest } = family
  const modes = [...new Set(cases(family).map(({ mode }) => mode))]

  it.each(modes)('%s: while nobody does anything, both say what they have to say', async (mode) => {
    const { client, server } = await confront(adapt(setting(mode)))
    expect([client.received, client.end]).toEqual([SAID.server, null])
    expect([server?.received, server?.end]).toEqual([SAID.client, null])
  })

  it.each(cases(family))('$title', async ({ mode, row, notice }) => {
    const { client, server } = await confront(await row.scene(adapt(setting(mode as ModeName))))
    const { by, code } = notice
    expect({ client, server }[by]?.end).toEqual([code, ERROR_TABLE[code].alert])
    expect([client.received, server?.received ?? '']).toEqual(['', ''])
  })
})
