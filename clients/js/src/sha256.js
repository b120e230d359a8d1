// SHA-256 (FIPS 180-4) in pieces. Web Crypto wants the whole file at once, and is not there on pages without TLS.

/** The first 32 bits of the fractional parts of `power`-th roots of the first primes. */
function roots(count, power) {
  const primes = []
  for (let n = 2; primes.length < count; n++) if (primes.every((prime) => n % prime)) primes.push(n)
  // Exact: doubles have 53 bits, cube roots of primes below 312 have 3 before the point.
  return Int32Array.from(primes, (prime) => {
    const root = power === 2 ? Math.sqrt(prime) : Math.cbrt(prime)
    return ((root - Math.floor(root)) * 2 ** 32) | 0
  })
}

const constants = roots(64, 3)
const start = roots(8, 2)
const rotate = (word, bits) => (word >>> bits) | (word << (32 - bits))

/** A hash that bytes are added to. */
export class SHA256 {
  #state = start.slice()
  #block = new Uint8Array(64)
  #filled = 0
  #length = 0
  #words = new Int32Array(64)

  /** Adds a `Uint8Array`. */
  update(bytes) {
    this.#length += bytes.length
    for (let place = 0; place < bytes.length;) {
      const part = bytes.subarray(place, place + 64 - this.#filled)
      this.#block.set(part, this.#filled)
      this.#filled += part.length
      place += part.length
      if (this.#filled === 64) this.#mix()
    }
    return this
  }

  /** The digest in hexadecimal; the hash is used up. */
  hex() {
    const bits = this.#length * 8
    const padding = new Uint8Array(((119 - this.#filled) % 64) + 9)
    padding[0] = 0x80
    const view = new DataView(padding.buffer, padding.length - 8)
    view.setUint32(0, Math.floor(bits / 2 ** 32))
    view.setUint32(4, bits >>> 0)
    this.update(padding)
    return Array.from(this.#state, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
  }

  #mix() {
    const w = this.#words
    const view = new DataView(this.#block.buffer)
    for (let t = 0; t < 16; t++) w[t] = view.getInt32(4 * t)
    for (let t = 16; t < 64; t++) {
      const x = w[t - 15]
      const y = w[t - 2]
      w[t] = w[t - 16] + w[t - 7] + (rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3)) + (rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10))
    }
    const state = this.#state
    let a = state[0] | 0, b = state[1] | 0, c = state[2] | 0, d = state[3] | 0
    let e = state[4] | 0, f = state[5] | 0, g = state[6] | 0, h = state[7] | 0
    for (let t = 0; t < 64; t++) {
      const first = (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + constants[t] + w[t]) | 0
      const second = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0
      h = g
      g = f
      f = e
      e = (d + first) | 0
      d = c
      c = b
      b = a
      a = (first + second) | 0
    }
    state[0] += a
    state[1] += b
    state[2] += c
    state[3] += d
    state[4] += e
    state[5] += f
    state[6] += g
    state[7] += h
    this.#filled = 0
  }
}
