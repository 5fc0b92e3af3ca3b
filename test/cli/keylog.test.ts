import { existsSync } from 'node:fs'
import { Command } from 'commander'
import { expect, it, vi } from 'vitest'
import { resolveSharedOptions } from '../../src/cli/sharedOptions.js'

/** Takes nothing: every write fails with ENOSPC. */
const FULL = '/dev/full'
const there = existsSync(FULL)

it.skipIf(!there)(
  `a key log that cannot be written ends no connection, and is told of once${there ? '' : ' (skipped: Linux only)'}`,
  async () => {
    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    try {
      const { writeKeylog } = await resolveSharedOptions({ keylog: FULL, qkd: 'off', tickets: true }, new Command())
      for (const line of ['one\n', 'two\n']) writeKeylog?.(Buffer.from(line))
      expect(stderr.mock.calls.map(([text]) => text)).toEqual([expect.stringMatching(/key log.*\/dev\/full.*ENOSPC/)])
    } finally {
      stderr.mockRestore()
    }
  },
)
