import type { Abortable, Proof } from './index.js'

/** A file as a `Blob` with a name, read when it is sent. */
export function file(path: string): Promise<Blob & { readonly name: string }>
/** The token in a file. */
export function tokenFile(path: string): Promise<string>
/** Writes a proof's document: all of it or nothing. */
export function saveProof(proof: Proof, path: string): Promise<void>

export interface Verdict {
  /** Whether every check holds. */
  accepted: boolean
  /** What was checked and established, as `ezkl-coord verify --json` prints it. */
  report: { [member: string]: any }
}
/**
 * Checks a proof document with `ezkl-coord verify` on this machine; HTTP has no route for it. Without `model` nothing is said about
 * what was computed; `settings` is the only quantisation to accept, a file or a digest.
 */
export function verify(
  proof: string | Proof,
  options?: Abortable & { model?: string; settings?: string; tolerance?: number; tool?: string },
): Promise<Verdict>
