import { BadArtifact, JobCancelled, JobFailed, NotFound, ProofDamaged } from './errors.js'
import { follow } from './events.js'
import { randomKey, sha256 } from './platform.js'
import { Retry } from './retry.js'
import { Transport, json, valueOf } from './transport.js'

export * from './errors.js'
export { Retry } from './retry.js'

/** How long a plan may take: it is made while the request waits. */
const planSeconds = 3600

/** A coordinator over HTTP, for one token. `index.d.ts` describes every member. */
export class Client {
  #transport
  #retry

  constructor(url, { token, fetch, retry = {}, timeout = 60, plain = false } = {}) {
    this.#retry = retry instanceof Retry ? retry : new Retry(retry)
    this.#transport = new Transport(url, { token, fetch, retry: this.#retry, timeout, plain })
  }

  get url() { return this.#transport.url }

  // Proving

  async upload(content, { signal } = {}) {
    return await this.#upload(blobOf(content), false, signal)
  }

  async plan(order, { signal } = {}) {
    return valueOf(await this.#order('/v1/plan', order, { seconds: planSeconds }, signal))
  }

  async submit(order, { signal, key = randomKey() } = {}) {
    return jobOf(valueOf(await this.#order('/v1/jobs', order, { headers: { 'Idempotency-Key': key } }, signal)))
  }

  async wait(job, { signal, timeout, onProgress } = {}) {
    for await (const event of this.events(job, { signal, timeout })) {
      if (event.progress) onProgress?.(event.progress)
      if (event.job) return ended(event.job)
    }
    return ended(await this.job(job, { signal }))
  }

  async prove(order, { signal, key, timeout, onProgress } = {}) {
    const job = await this.submit(order, { signal, key })
    await this.wait(job, { signal, timeout, onProgress })
    return await this.proof(job, { signal })
  }

  async proof(job, { signal } = {}) {
    const { headers, bytes } = await this.#transport.ask({ path: `/v1/jobs/${idOf(job)}/proof` }, signal)
    const digest = (headers.get('etag') ?? '').replace(/^W\//, '').replaceAll('"', '')
    const found = await sha256(new Blob([bytes]))
    if (found !== digest) throw new ProofDamaged(`the proof has the digest ${found.slice(0, 16)}…, not ${digest.slice(0, 16)}…`)
    return { bytes, digest, document: valueOf({ bytes }) }
  }

  // Jobs

  async job(job, { signal, attempts = false } = {}) {
    return jobOf(await this.#get(`/v1/jobs/${idOf(job)}`, signal, attempts ? { attempts } : {}))
  }

  async * jobs({ stage, owner, model, page = 100, signal } = {}) {
    const query = { stage: Array.isArray(stage) ? stage.join(',') : stage, owner, model, limit: page }
    yield* this.#pages('/v1/jobs', query, 'jobs', 'after', signal)
  }

  async jobPlan(job, { signal } = {}) {
    return await this.#get(`/v1/jobs/${idOf(job)}/plan`, signal)
  }

  events(job, { signal, lastEventId, timeout } = {}) {
    const path = job === undefined ? '/v1/events' : `/v1/jobs/${idOf(job)}/events`
    const endsWith = job === undefined ? undefined : 'end'
    return follow(this.#transport, this.#retry, path, { signal, lastEventId, timeout, endsWith })
  }

  async cancel(job, { signal } = {}) {
    await this.#transport.ask({ method: 'POST', path: `/v1/jobs/${idOf(job)}/cancel` }, signal)
  }

  async delete(job, { signal } = {}) {
    await this.#transport.ask({ method: 'DELETE', path: `/v1/jobs/${idOf(job)}` }, signal)
  }

  // The network

  async self({ signal } = {}) {
    return await this.#get('/v1/self', signal)
  }

  async cluster({ signal } = {}) {
    return await this.#get('/v1/cluster', signal)
  }

  async workers({ signal } = {}) {
    return (await this.#get('/v1/workers', signal)).workers
  }

  async worker(worker, { signal } = {}) {
    return await this.#get(`/v1/workers/${idOf(worker)}`, signal)
  }

  async cordon(worker, { reason, signal } = {}) {
    await this.#change(worker, 'cordon', { reason }, signal)
  }

  async uncordon(worker, { signal } = {}) {
    await this.#change(worker, 'uncordon', undefined, signal)
  }

  async drain(worker, { deadline, signal } = {}) {
    await this.#change(worker, 'drain', { deadline }, signal)
  }

  async * audit({ page = 100, signal } = {}) {
    yield* this.#pages('/v1/audit', { limit: page }, 'entries', 'before', signal)
  }

  // How it is done

  async #get(path, signal, query) {
    return valueOf(await this.#transport.ask({ path, query }, signal))
  }

  async #change(worker, action, body, signal) {
    await this.#transport.ask({ method: 'POST', path: `/v1/workers/${idOf(worker)}/${action}`, ...(body && json(body)) }, signal)
  }

  async * #pages(path, query, member, next, signal) {
    for (;;) {
      const page = await this.#get(path, signal, query)
      yield* page[member]
      if (page.next === undefined) return
      query = { ...query, [next]: page.next }
    }
  }

  async #upload(blob, anew, signal) {
    const path = `/v1/artifacts/${await sha256(blob)}`
    if (!anew) {
      try {
        return await this.#get(path, signal)
      } catch (error) {
        if (!(error instanceof NotFound)) throw error
      }
    }
    const headers = { 'Content-Type': 'application/octet-stream' }
    return valueOf(await this.#transport.ask({ method: 'PUT', path, headers, body: blob }, signal))
  }

  /** Uploads the files and sends what names them; once more if they went meanwhile. All tries have one body and one key. */
  async #order(path, { model, input, calibration, name, options }, request, signal) {
    const files = Object.entries({ model, input, calibration }).filter(([, content]) => content !== undefined && content !== null)
    const blobs = files.map(([member, content]) => [member, blobOf(content)])
    for (let anew = false; ; anew = true) {
      const body = { name: name ?? (typeof model?.name === 'string' && model.name ? model.name : 'model.onnx'), options }
      for (const [member, blob] of blobs) body[member] = (await this.#upload(blob, anew, signal)).digest
      const order = json(body)
      try {
        return await this.#transport.ask({ method: 'POST', path, ...request, ...order, headers: { ...order.headers, ...request.headers } }, signal)
      } catch (error) {
        if (anew || !(error instanceof BadArtifact)) throw error
      }
    }
  }
}

function idOf(reference) {
  const id = typeof reference === 'string' ? reference : reference?.id
  // Dots would be taken for steps in the path.
  if (typeof id !== 'string' || ['', '.', '..'].includes(id)) throw new TypeError(`${id} is no id`)
  return encodeURIComponent(id)
}

function blobOf(content) {
  if (content instanceof Blob) return content
  if (content instanceof ArrayBuffer || ArrayBuffer.isView(content)) return new Blob([content])
  if (content === null || typeof content !== 'object') throw new TypeError('a file is a Blob, bytes, or what an input file holds')
  const plain = (_, value) => (ArrayBuffer.isView(value) ? Array.from(value) : value)
  return new Blob([JSON.stringify(Array.isArray(content) ? { input_data: content } : content, plain)])
}

function jobOf({ job, progress, attempts }) {
  return { ...job, ...(progress && { progress }), ...(attempts && { attempts }) }
}

function ended(job) {
  if (job.stage === 'failed') throw new JobFailed({ detail: `job ${job.id}: ${job.detail}`, code: job.failure ?? 'job_failed' })
  if (job.stage === 'cancelled') throw new JobCancelled({ detail: `job ${job.id} was cancelled`, code: 'job_cancelled' })
  return job
}
