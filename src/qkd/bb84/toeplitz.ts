/**
 * Hashing with a random Toeplitz matrix, a 2-universal family (Krawczyk, CRYPTO 1994; Mansour, Nisan and Tiwari 1993):
 * two different inputs collide with probability 2^−rows. Used for verification, and for privacy amplification, where the
 * leftover hash lemma asks for nothing more (Renner, quant-ph/0512258, section 5.5; Tomamichel et al., arXiv 1002.2436).
 */

/** So few that adding up columns is quicker than multiplying integers. */
const FEW_ROWS = 128

/** Bits of the random, public seed that names one matrix. */
export function toeplitzSeedBits(columns: number, rows: number): number {
  return columns + rows - 1
}

/**
 * y_i = ⊕_j seed_(i − j + n − 1) x_j for i = 0 to rows − 1, where n is the length of x.
 * @param input x, one bit a byte
 * @param seed {@link toeplitzSeedBits} bits, one a byte, chosen after x is fixed
 */
export function toeplitzHash(input: Uint8Array, seed: Uint8Array, rows: number): Uint8Array {
  if (input.length === 0) return new Uint8Array(rows)
  return rows <= FEW_ROWS ? addWindows(input, seed, rows) : convolve(input, seed, rows)
}

/** Adds up, for every 1 of the input, the column of the matrix that it selects. */
function addWindows(input: Uint8Array, seed: Uint8Array, rows: number): Uint8Array {
  const output = new Uint8Array(rows)
  for (let j = 0; j < input.length; j++) {
    const start = input.length - 1 - j
    // No branch on the key bit: the mask is 0 or 255.
    const mask = -(input[j] as number) & 0xff
    for (let i = 0; i < rows; i++) output[i] = (output[i] as number) ^ ((seed[start + i] as number) & mask)
  }
  return output
}

/**
 * The same as one product of big integers: the matrix is a window of the polynomial product of x and seed, and integers
 * multiply like polynomials when the digits are so wide apart that the sums of the coefficients do not carry over. This
 * beats any loop, since the engine multiplies by fast Fourier transform.
 */
function convolve(input: Uint8Array, seed: Uint8Array, rows: number): Uint8Array {
  const width = Math.ceil(Math.log2(input.length + 1) / 4)
  const product = (asInteger(input, width) * asInteger(seed, width)).toString(16)
  const skipped = (input.length + seed.length - 1) * width - product.length
  const output = new Uint8Array(rows)
  for (let i = 0; i < rows; i++) {
    // The lowest bit of the coefficient stands in the last digit; leading zeros are not written.
    const digit = product.charCodeAt((i + input.length) * width - 1 - skipped)
    // '0' to '9' and 'a' to 'f': for letters the parity of the code is the other way round.
    output[i] = Number.isNaN(digit) ? 0 : digit < 58 ? digit & 1 : (digit & 1) ^ 1
  }
  return output
}

/** Bits as digits of `width` hexadecimal places, the first bit highest. */
function asInteger(bits: Uint8Array, width: number): bigint {
  const digits = Buffer.alloc(2 + bits.length * width, '0')
  digits.write('0x')
  for (let i = 0; i < bits.length; i++) digits[1 + (i + 1) * width] = 48 + (bits[i] as number)
  const integer = BigInt(digits.toString('latin1'))
  digits.fill(0)
  return integer
}
