import { SHA256 } from './sha256.js'

// Node has its own, faster; the name is kept from bundlers, browsers have none.
const name = 'node:crypto'
const node = globalThis.process?.versions?.node ? await import(/* @vite-ignore */ name) : undefined

/** The variables of the environment, where there is one. */
export const environment = globalThis.process?.env ?? {}

/** A random key; `crypto.randomUUID` is not there on pages without TLS. */
export function randomKey() {
  const bytes = (globalThis.crypto ?? node.webcrypto).getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** The SHA-256 of a Blob in hexadecimal, which is read piece by piece. */
export async function sha256(blob) {
  const hash = node ? node.createHash('sha256') : new SHA256()
  const reader = blob.stream().getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    hash.update(value)
  }
  return node ? hash.digest('hex') : hash.hex()
}
