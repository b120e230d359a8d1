import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { Client, Retry } from '../src/index.js'
import * as errors from '../src/errors.js'
import { answer, drop, events, problem, scriptedServer } from './scripted.js'

const summary = { id: 'j', model: 'm', stage: 'done', detail: '', owner: 'o', submitted: 1, updated: 2, options: {}, dropped: [] }
const here = answer({ digest: 'a'.repeat(64), bytes: 1 })
const order = { model: new TextEncoder().encode('model'), input: { input_data: [[1]] } }

const progress = (number, done = 0) => `id: e-${number}\nevent: progress\ndata: ${JSON.stringify({ job: 'j', stage: 'proving', done, total: 9 })}\n\n`
const end = (changes = {}) => `id: end\nevent: end\ndata: ${JSON.stringify({ ...summary, ...changes })}\n\n`
const posts = (server) => server.heard.filter(({ method }) => method === 'POST')

/** A server and a client in a hurry. */
async function pair(t) {
  const server = await scriptedServer(t)
  return { server, client: new Client(server.url, { token: 'a-token', retry: { attempts: 4, base: 0.01, cap: 0.02, patience: 5 }, timeout: 5 }) }
}

async function all(iterable) {
  const list = []
  for await (const item of iterable) list.push(item)
  return list
}

for (const [name, fault] of Object.entries({
  'is lost': drop, 'is unavailable': problem(503, 'not_ready'), 'is too much': problem(429, 'too_many'),
  'is under way': problem(409, 'under_way'), 'is a gateway\'s': { status: 502 }, 'is cut': { status: 201, body: '{', cut: true },
})) {
  test(`a job whose answer ${name} is sent again with the same key and body`, async (t) => {
    const { server, client } = await pair(t)
    server.script = [here, here, fault, fault, answer({ job: summary })]
    assert.equal((await client.submit({ ...order, options: { workers: 2 } })).id, 'j')
    assert.equal(posts(server).length, 3)
    assert.equal(new Set(posts(server).map(({ headers }) => headers['idempotency-key'])).size, 1)
    assert.equal(new Set(posts(server).map(({ body }) => body.toString())).size, 1)
    assert.match(posts(server)[0].headers['idempotency-key'], /^[0-9a-f]{32}$/)
    assert.deepEqual(JSON.parse(posts(server)[0].body).options, { workers: 2 })
  })
}

test('every job has a key of its own unless it is given', async (t) => {
  const { server, client } = await pair(t)
  for (const key of [undefined, undefined, 'mine']) {
    server.script = [here, here, answer({ job: summary }, 201)]
    await client.submit(order, { key })
  }
  const keys = posts(server).map(({ headers }) => headers['idempotency-key'])
  assert.equal(new Set(keys).size, 3)
  assert.equal(keys[2], 'mine')
})

test('files that went meanwhile are sent once more under the same key', async (t) => {
  const { server, client } = await pair(t)
  const gone = problem(422, 'artifact')
  server.script = [here, here, gone, here, here, answer({ job: summary }, 201)]
  await client.submit(order)
  assert.deepEqual(server.heard.map(({ method }) => method), ['GET', 'GET', 'POST', 'PUT', 'PUT', 'POST'])
  assert.equal(new Set(posts(server).map(({ headers }) => headers['idempotency-key'])).size, 1)
  server.script = [here, here, gone, here, here, gone]
  await assert.rejects(client.submit(order), errors.BadArtifact)
})

test('what will not get better is not tried again', async (t) => {
  const { server, client } = await pair(t)
  server.script = [here, here, problem(422, 'bad_model'), here, here, problem(503, 'planner')]
  await assert.rejects(client.submit(order), errors.BadModel)
  await assert.rejects(client.submit(order), errors.PlanningFailed)
  assert.equal(posts(server).length, 2)
})

test('the pause that is asked for is kept, unless it is long', async (t) => {
  const { server, client } = await pair(t)
  server.script = [problem(429, 'too_many', { 'Retry-After': '1' }), answer({ id: 'i', name: 'n', role: 'viewer' })]
  const began = Date.now()
  assert.equal((await client.self()).name, 'n')
  assert.ok(Date.now() - began >= 1000)
  server.script = [problem(429, 'too_many', { 'Retry-After': '7200' })]
  await assert.rejects(client.self(), (error) => error instanceof errors.TooMany && error.retryAfter === 7200)
})

test('tries end', async (t) => {
  const { server, client } = await pair(t)
  server.script = Array(9).fill(problem(503, 'not_ready'))
  await assert.rejects(client.self(), errors.Unavailable)
  assert.equal(server.heard.length, 4)
  server.script = Array(9).fill(drop)
  await assert.rejects(client.self(), errors.ConnectionLost)
  assert.equal(server.heard.length, 8)
})

test('a deletion whose answer was lost has happened', async (t) => {
  const { server, client } = await pair(t)
  server.script = [drop, problem(404, 'unknown_job'), problem(404, 'unknown_job')]
  await client.delete('j')
  await assert.rejects(client.delete('j'), errors.UnknownJob)
})

test('redirections are not followed and are no success', async (t) => {
  const { server, client } = await pair(t)
  server.script = [{ status: 302, headers: { Location: `${server.url}/elsewhere` } }]
  await assert.rejects(client.cancel('j'), errors.Problem)
  assert.equal(server.heard.length, 1)
})

test('ids stay one step of the path', async (t) => {
  const { server, client } = await pair(t)
  server.script = [problem(404, 'unknown_job')]
  await assert.rejects(client.job('../workers?x#y'), errors.UnknownJob)
  assert.equal(server.heard[0].target, '/v1/jobs/..%2Fworkers%3Fx%23y')
  for (const id of ['', '.', '..', undefined, {}]) await assert.rejects(client.job(id), TypeError)
})

test('an upload that breaks off is sent again, and with a length', async (t) => {
  const { server, client } = await pair(t)
  const content = new Uint8Array(700_000).fill(120)
  server.script = [problem(404, 'artifact'), drop, problem(503, 'not_ready'), answer({ digest: 'd', bytes: 700_000 }, 201)]
  assert.equal((await client.upload(content)).bytes, 700_000)
  const puts = server.heard.filter(({ method }) => method === 'PUT')
  assert.equal(puts.length, 3)
  for (const { body, headers, target } of puts) {
    assert.ok(body.equals(content))
    assert.equal(headers['content-length'], '700000')
    assert.equal(target, `/v1/artifacts/${createHash('sha256').update(content).digest('hex')}`)
  }
})

test('proofs are compared with their digest and fetched again if cut', async (t) => {
  const { server, client } = await pair(t)
  const body = '{"format": "ezkl-proof/3"}'
  const headers = { ETag: `"${createHash('sha256').update(body).digest('hex')}"` }
  server.script = [{ status: 200, body, headers, cut: true }, { status: 200, body, headers }]
  assert.equal((await client.proof('j')).document.format, 'ezkl-proof/3')
  server.script = [{ status: 200, body: `${body} `, headers }, { status: 200, body }]
  await assert.rejects(client.proof('j'), errors.ProofDamaged)
  await assert.rejects(client.proof('j'), errors.ProofDamaged)
})

test('a stream that is cut goes on where it was', async (t) => {
  const { server, client } = await pair(t)
  server.script = [
    events(progress(1) + progress(2).slice(0, 40), true), drop, events(progress(1) + progress(2)), problem(503, 'not_ready'),
    events(`: \n\n${end()}`),
  ]
  const found = await all(client.events('j'))
  assert.deepEqual(found.map(({ id }) => id), ['e-1', 'e-2', 'end'])
  assert.deepEqual(server.heard.map(({ headers }) => headers['last-event-id']), [undefined, 'e-1', 'e-1', 'e-2', 'e-2'])
  assert.equal(found[2].job.stage, 'done')
})

test('an end that was heard is an end, and a gap is told', async (t) => {
  const { server, client } = await pair(t)
  server.script = [{ status: 204 }, events(`id: e-7\nevent: gap\ndata: {}\n\n${progress(8)}`)]
  assert.deepEqual(await all(client.events('j', { lastEventId: 'end' })), [])
  const stream = client.events(undefined, { lastEventId: 'old-1' })
  assert.deepEqual([(await stream.next()).value.name, (await stream.next()).value.name], ['gap', 'progress'])
  await stream.return()
})

test('a stream that only ends is given up', async (t) => {
  const { server, client } = await pair(t)
  server.script = Array(9).fill(events(''))
  await assert.rejects(all(client.events('j')), errors.ConnectionLost)
  assert.equal(server.heard.length, 4)
})

test('a token that ended ends the stream', async (t) => {
  const { server, client } = await pair(t)
  server.script = [events(progress(1)), problem(401, 'unauthenticated')]
  await assert.rejects(all(client.events()), errors.Unauthenticated)
})

test('what the consumer of events throws is its own', async (t) => {
  const { server, client } = await pair(t)
  server.script = [events(progress(1) + end())]
  await assert.rejects(async () => {
    for await (const _ of client.events('j')) throw new TypeError('mine')
  }, { message: 'mine' })
})

test('waiting tells what became of the job', async (t) => {
  const { server, client } = await pair(t)
  const seen = []
  server.script = [events(progress(1, 3) + progress(2, 4) + end())]
  assert.equal((await client.wait('j', { onProgress: ({ done }) => seen.push(done) })).stage, 'done')
  assert.deepEqual(seen, [3, 4])
  server.script = [events(end({ stage: 'failed', detail: 'no room', failure: 'bad_model' }))]
  await assert.rejects(client.wait('j'), (error) => error instanceof errors.JobFailed && /no room/.test(error.message))
  server.script = [{ status: 204 }, answer({ job: { ...summary, stage: 'cancelled' } })]
  await assert.rejects(client.wait('j'), errors.JobCancelled)
})

test('waiting has an end, and can be given up', async (t) => {
  const { server, client } = await pair(t)
  server.script = Array.from({ length: 99 }, (_, number) => events(progress(number)))
  await assert.rejects(client.wait('j', { timeout: 0.3 }), errors.WaitTimeout)
  const reason = new Error('enough')
  const stop = new AbortController()
  setTimeout(() => stop.abort(reason), 100)
  await assert.rejects(client.wait('j', { signal: stop.signal }), reason)
  await assert.rejects(client.self({ signal: stop.signal }), reason)
  server.script = Array(99).fill(problem(503, 'not_ready'))
  const slow = new Client(server.url, { token: 't', retry: new Retry({ base: 60, random: () => 1 }) })
  await assert.rejects(slow.self({ signal: AbortSignal.timeout(100) }), { name: 'TimeoutError' })
})

test('lists come in pages', async (t) => {
  const { server, client } = await pair(t)
  server.script = [answer({ jobs: [summary], next: 'n' }), answer({ jobs: [summary] })]
  assert.equal((await all(client.jobs({ stage: ['done', 'failed'], page: 1 }))).length, 2)
  assert.deepEqual(server.heard.map(({ target }) => target), ['/v1/jobs?stage=done%2Cfailed&limit=1', '/v1/jobs?stage=done%2Cfailed&limit=1&after=n'])
})
