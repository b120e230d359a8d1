import { BadAnswer, ConnectionLost, Problem, TooMany, Unavailable, WaitTimeout } from './errors.js'
import { pause } from './retry.js'
import { Parser } from './sse.js'
import { errorOf } from './transport.js'

/** Milliseconds without a byte after which a connection is taken for dead; the coordinator says something every ten seconds. */
const silence = 35_000

/**
 * Follows a stream over as many connections as it takes, each from where the last one broke off. An event that comes twice is told once.
 */
export async function* follow(transport, retry, path, { signal, lastEventId = '', timeout, endsWith }) {
  const deadline = timeout === undefined ? Infinity : Date.now() + timeout * 1000
  let failures = 0
  let reconnection
  const left = (milliseconds) => {
    const rest = deadline - Date.now()
    if (rest <= 0) throw new WaitTimeout('it takes longer; it goes on')
    return Math.min(milliseconds, rest)
  }
  for (;;) {
    signal?.throwIfAborted()
    const stop = new AbortController()
    const forward = () => stop.abort(signal.reason)
    signal?.addEventListener('abort', forward, { once: true })
    let timer
    const watch = () => {
      clearTimeout(timer)
      timer = setTimeout(() => stop.abort(), left(silence))
    }
    const parser = new Parser(lastEventId)
    let failure
    try {
      watch()
      const headers = { Accept: 'text/event-stream', ...(lastEventId && { 'Last-Event-ID': lastEventId }) }
      const response = await reading(transport.open({ path, headers }, stop))
      if (response.status === 204) return
      if (response.status !== 200) {
        const bytes = new Uint8Array(await reading(response.arrayBuffer()))
        failure = errorOf({ status: response.status, headers: response.headers, bytes })
        if (!(failure instanceof TooMany || failure instanceof Unavailable)) throw failure
      } else {
        if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
          throw new BadAnswer("no events came: is this the coordinator's address?")
        }
        const reader = response.body.getReader()
        for (;;) {
          const { done, value } = await reading(reader.read())
          if (done) break
          watch()
          const comments = parser.comments
          for (const message of parser.feed(value)) {
            if (message.id && message.id === lastEventId && message.name !== endsWith) continue
            lastEventId = message.id || lastEventId
            failures = 0
            yield eventOf(message)
            if (message.name === endsWith) return
          }
          if (parser.comments > comments) failures = 0
        }
      }
    } catch (error) {
      if (!(error instanceof Broken)) throw error
      failure = transport.lost(error.cause, signal)
      if (!(failure instanceof ConnectionLost)) throw failure
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', forward)
      stop.abort()
    }
    reconnection = parser.retry ?? reconnection
    failures += 1
    const seconds = retry.pause(failures, failure instanceof Problem ? failure.retryAfter : reconnection)
    if (seconds === undefined) throw failure ?? new ConnectionLost('the stream of events ended again and again')
    await pause(left(seconds * 1000) / 1000, signal)
  }
}

/** What the connection did, told apart from what the consumer of the events throws. */
class Broken extends Error {}

async function reading(promise) {
  try {
    return await promise
  } catch (cause) {
    throw new Broken('', { cause })
  }
}

function eventOf({ name, data, id }) {
  let value
  try {
    value = JSON.parse(data)
  } catch {
    throw new BadAnswer('an event is no JSON')
  }
  return { name, id, ...(name === 'progress' && { progress: value }), ...(name === 'end' && { job: value }) }
}
