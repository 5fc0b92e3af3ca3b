export type PeerMajor = 24 | 26
export declare const peersFolder: string
export declare const peerMajors: readonly PeerMajor[]
export declare function peerAlias(major: PeerMajor): string
export declare function peerBinary(major: PeerMajor): string | null
