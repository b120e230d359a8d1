import { execFile } from 'node:child_process'
import * as fs from 'node:fs'
import { mkdtemp, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { ToolFailed } from './errors.js'

/** A file as a `Blob` with a name, read when it is sent. */
export async function file(path) {
  // Before Node 19.8 it is read now.
  const blob = fs.openAsBlob ? await fs.openAsBlob(path) : new Blob([await readFile(path)])
  return Object.defineProperty(blob, 'name', { value: basename(path) })
}

/** The token in a file. */
export async function tokenFile(path) {
  return (await readFile(path, 'latin1')).trim()
}

/** Writes a proof's document: all of it or nothing. */
export async function saveProof(proof, path) {
  const folder = await mkdtemp(join(dirname(path), '.proof-'))
  try {
    const whole = join(folder, 'proof.json')
    const handle = await open(whole, 'w')
    try {
      await handle.writeFile(proof.bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(whole, path)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Checks a proof document with `ezkl-coord verify` on this machine: `{accepted, report}`. */
export async function verify(proof, { model, settings, tolerance, tool = 'ezkl-coord', signal } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'proof-'))
  try {
    let path = proof
    if (typeof proof !== 'string') await writeFile((path = join(folder, 'proof.json')), proof.bytes)
    const flags = Object.entries({ model, settings, tolerance }).filter(([, value]) => value !== undefined)
    const list = ['verify', argument(path), ...flags.flatMap(([name, value]) => [`--${name}`, argument(String(value))]), '--json']
    const { code, out, error } = await run(tool, list, signal)
    let report
    try {
      report = JSON.parse(out)
    } catch { /* no verdict */ }
    if ((code !== 0 && code !== 1) || typeof report?.accepted !== 'boolean') {
      throw new ToolFailed(error.trim() || `${tool} verify ended with status ${code}`, code)
    }
    // Two witnesses, so that no change of either makes a rejected proof an accepted one.
    return { accepted: code === 0 && report.accepted, report }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** A path that cannot be taken for an option. */
const argument = (path) => (path.startsWith('-') ? `./${path}` : path)

function run(tool, list, signal) {
  return new Promise((resolve, reject) => {
    execFile(tool, list, { signal, maxBuffer: 1 << 28, encoding: 'utf8' }, (error, out, problem) => {
      if (error && typeof error.code !== 'number') reject(signal?.aborted ? signal.reason : new ToolFailed(error.message))
      else resolve({ code: error ? error.code : 0, out, error: problem })
    })
  })
}
