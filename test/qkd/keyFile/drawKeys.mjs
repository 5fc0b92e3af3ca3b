// Draws keys from a key file, or looks up those named on stdin, and prints the key_ID of each once it has it.
// Usage: drawKeys.mjs FILE [named]
import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { keyFile } from '../../../dist/qkd/index.js'

const [path, named] = process.argv.slice(2)
const source = await keyFile({ path })
const print = ({ keyId }) => writeSync(1, `${keyId}\n`)
if (named === undefined) {
  for (;;) print(await source.getKey(source.peerSaeId))
} else {
  for await (const line of createInterface({ input: process.stdin })) {
    print(await source.getKeyWithId(source.peerSaeId, line).catch(({ code }) => ({ keyId: code })))
  }
}
