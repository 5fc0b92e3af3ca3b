/** Recording what passes between processes, and keeping it. */
export { type PcapngOptions, writePcapng } from './pcapng.js'
export { startTap, type Tap, type TapOptions } from './tap.js'
export { readTape, writeTape } from './tapeFile.js'
