import { BadAnswer, ConnectionLost, NotFound, PlanningFailed, TooMany, Unavailable, UnderWay } from './errors.js'
import { environment } from './platform.js'
import { problem } from './problem.js'
import { pause, retryAfter } from './retry.js'

/** Requests with a token, tried again as long as that makes sense. */
export class Transport {
  #token
  #fetch
  #base
  #retry
  #timeout

  constructor(url, { token = environment.EZKL_TOKEN, fetch = globalThis.fetch, retry, timeout, plain }) {
    const base = new URL(url)
    if (!/^https?:$/.test(base.protocol) || base.username || base.password || base.search || base.hash) {
      throw new TypeError("the coordinator's address is http://HOST:PORT or https://HOST:PORT")
    }
    if (base.protocol === 'http:' && !plain && !isHere(base.hostname)) {
      throw new TypeError('http:// would show the token to the network; use https://, or say plain: true if the way is safe')
    }
    if (typeof token !== 'string' || !/^[!-~]+$/.test(token.trim())) {
      throw new TypeError("no token: 'ezkl-coord token create --http NAME' prints one line of printable characters")
    }
    this.#token = token.trim()
    this.#fetch = (...values) => fetch(...values)
    this.#base = base.href.replace(/\/+$/, '')
    this.#retry = retry
    this.#timeout = timeout
  }

  get url() { return this.#base }

  /** Opens one connection; whoever calls reads the body, and ends it by aborting `stop`. */
  async open({ method = 'GET', path, query = {}, headers = {}, body }, stop) {
    const url = new URL(this.#base + path)
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value)
    return await this.#fetch(url, {
      method, body, signal: stop.signal, cache: 'no-store', credentials: 'omit', redirect: 'manual', referrerPolicy: 'no-referrer',
      headers: { ...headers, Authorization: `Bearer ${this.#token}` },
    })
  }

  /** The error for a connection that broke off; the caller's own abortion stays what it is. */
  lost(error, signal) {
    if (signal?.aborted) return signal.reason
    const cause = error?.cause?.code ?? error?.cause?.message ?? error?.message ?? String(error)
    return new ConnectionLost(`the coordinator at ${this.#base} cannot be reached, or broke off the connection: ${cause}`)
  }

  /** Sends a request that may be sent again until it is answered: `{status, headers, bytes}`. */
  async ask(request, signal) {
    let wasLost = false
    for (let attempt = 1; ; attempt++) {
      let failure, after
      try {
        const answer = await this.#once(request, signal)
        if (answer.status >= 200 && answer.status < 300) return answer
        failure = errorOf(answer)
        after = failure.retryAfter
        if (!isPassing(failure)) {
          // An earlier try removed it.
          if (wasLost && request.method === 'DELETE' && failure instanceof NotFound) return answer
          throw failure
        }
        // A proxy may have handed the request on.
        wasLost ||= [502, 504].includes(answer.status)
      } catch (error) {
        if (!(error instanceof ConnectionLost) || error.isOver) throw error
        wasLost = true
        failure = error
      }
      const seconds = this.#retry.pause(attempt, after)
      if (seconds === undefined) throw failure
      await pause(seconds, signal)
    }
  }

  async #once(request, signal) {
    signal?.throwIfAborted()
    const stop = new AbortController()
    const forward = () => stop.abort(signal.reason)
    signal?.addEventListener('abort', forward, { once: true })
    // Uploads take as long as they take.
    const seconds = request.seconds ?? (request.body instanceof Blob ? undefined : this.#timeout)
    let isLate = false
    const timer = seconds && setTimeout(() => { isLate = true; stop.abort() }, seconds * 1000)
    try {
      const response = await this.open(request, stop)
      return { status: response.status, headers: response.headers, bytes: new Uint8Array(await response.arrayBuffer()) }
    } catch (error) {
      const lost = this.lost(isLate ? new Error(`no answer within ${seconds} s`) : error, signal)
      // What may take so long is not begun again.
      if (isLate && request.seconds) lost.isOver = true
      throw lost
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', forward)
    }
  }
}

/** The error that an answer is. */
export function errorOf({ status, headers, bytes }) {
  return problem(status, new TextDecoder().decode(bytes), retryAfter(headers.get('retry-after')))
}

/** The value of an answer. */
export function valueOf({ bytes }) {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    throw new BadAnswer("the answer is no JSON: is this the coordinator's address?")
  }
}

/** A request with a JSON body. */
export const json = (value) => ({ body: JSON.stringify(value), headers: { 'Content-Type': 'application/json' } })

function isPassing(error) {
  return error instanceof TooMany || error instanceof UnderWay || (error instanceof Unavailable && !(error instanceof PlanningFailed))
}

function isHere(host) {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host)
}
