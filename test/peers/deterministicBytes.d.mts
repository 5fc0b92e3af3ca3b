export declare function deterministicBytes(seed: string | number, length: number): Buffer
