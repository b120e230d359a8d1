/**
 * Exponential back-off with full jitter: the pause before try n + 1 is random below `base * 2^(n - 1)` seconds, at most `cap`.
 * What a `Retry-After` asks for is waited for, up to `patience` seconds.
 */
export class Retry {
  constructor({ attempts = 6, base = 0.5, cap = 20, patience = 120, random = Math.random } = {}) {
    Object.assign(this, { attempts, base, cap, patience, random })
  }

  /** Seconds before the next try, when `attempt` have failed; undefined where there is none. */
  pause(attempt, after) {
    if (attempt >= this.attempts) return undefined
    if (after === undefined) return this.random() * Math.min(this.cap, this.base * 2 ** (attempt - 1))
    return after <= this.patience ? after + this.random() * this.base : undefined
  }
}

/** The seconds that a header `Retry-After` means: a number or a date. */
export function retryAfter(text) {
  if (text === null || text === undefined) return undefined
  if (/^\s*\d{1,9}\s*$/.test(text)) return Number(text)
  // Dates have names of days; Date.parse takes much that is none.
  const date = /^\s*[A-Za-z]/.test(text) ? Date.parse(text) : NaN
  return Number.isNaN(date) ? undefined : Math.max(0, (date - Date.now()) / 1000)
}

/** Waits; rejects with the signal's reason where it aborts. */
export function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const stop = () => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, seconds * 1000)
    signal?.addEventListener('abort', stop, { once: true })
  })
}
