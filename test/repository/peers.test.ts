import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { peerAlias, peerBinary, peerMajors } from '../peers/binaries.mjs'

const folder = new URL('../peers/', import.meta.url)
const { optionalDependencies } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8'))

describe('peer binaries', () => {
  for (const major of peerMajors) {
    it(`Node ${major} is the locked version, on OpenSSL 3.5`, (context) => {
      const binary = peerBinary(major)
      if (binary === null) return context.skip(`no Node ${major} in test/peers for ${peerAlias(major)}`)
      const versions = JSON.parse(
        execFileSync(binary, ['-p', 'JSON.stringify(process.versions)'], { encoding: 'utf8' }),
      )
      expect(optionalDependencies[peerAlias(major)]).toMatch(new RegExp(`@${versions.node}$`))
      expect(versions.openssl).toMatch(/^3\.5\./)
    })
  }
})

describe.each(['package-lock.json', '../../package-lock.json'])('lock file %s', (path) => {
  const { packages }: { packages: Record<string, Locked> } = JSON.parse(readFileSync(new URL(path, folder), 'utf8'))

  it('does not say where a package was fetched from', () => {
    expect(Object.keys(packages).filter((name) => packages[name]?.resolved !== undefined)).toEqual([])
  })

  it('holds the binaries of every platform that a package names, without which npm ci refuses it', () => {
    const named = Object.values(packages).flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
    expect(named.filter((name) => packages[`node_modules/${name}`] === undefined)).toEqual([])
  })
})

interface Locked {
  readonly resolved?: string
  readonly optionalDependencies?: Record<string, string>
}
