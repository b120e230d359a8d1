import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import * as errors from '../src/errors.js'
import { Client } from '../src/index.js'
import { file, saveProof, tokenFile, verify } from '../src/node.js'
import { Network, input, missing, model, root, tool } from './network.js'

const options = { skip: missing, timeout: 300_000 }
const folder = mkdtempSync(join(tmpdir(), 'ezkl-js-test-'))
let network, client, order, done

before(async () => {
  if (missing) return
  network = await Network.start()
  client = new Client(network.url, { token: network.token })
  order = { model: await file(model), input: await file(input), options: { workers: 1 } }
})
after(async () => {
  await network?.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function all(iterable) {
  const list = []
  for await (const item of iterable) list.push(item)
  return list
}

test('a model is proven', options, async () => {
  const seen = []
  const job = await client.submit(order)
  assert.deepEqual([job.model, job.stage, job.options.workers], ['digits_mlp.onnx', 'submitted', 1])
  done = await client.wait(job, { onProgress: (progress) => seen.push(progress.stage) })
  assert.deepEqual([done.id, done.stage], [job.id, 'done'])
  assert.ok(seen.includes('proving'))
  const proof = await client.proof(job)
  assert.equal(proof.document.outputs[0].floats.length, 10)
  assert.equal(proof.digest, createHash('sha256').update(proof.bytes).digest('hex'))
  const path = join(folder, 'proof.json')
  await saveProof(proof, path)
  assert.ok(readFileSync(path).equals(proof.bytes))
  assert.deepEqual(readdirSync(folder), ['proof.json'])
  for (const given of [proof, path]) assert.equal((await verify(given, { model, tool })).accepted, true)
  proof.document.outputs[0].integers[0] += 1
  writeFileSync(path, JSON.stringify(proof.document))
  assert.equal((await verify(path, { model, tool })).accepted, false)
  await assert.rejects(verify(path, { model: join(folder, 'nothing'), tool }), (error) => error instanceof errors.ToolFailed && error.exitCode === 3)
  await assert.rejects(verify(path, { tool: 'no-such-tool' }), errors.ToolFailed)
})

test('the same key gives the same job', options, async () => {
  const jobs = await Promise.all([1, 2, 3].map(() => client.submit(order, { key: 'test-key' })))
  assert.equal(new Set(jobs.map(({ id }) => id)).size, 1)
  await assert.rejects(client.submit({ ...order, options: { workers: 2 } }, { key: 'test-key' }), errors.KeyTaken)
  await client.cancel(jobs[0])
})

test('inputs are values as well', options, async () => {
  const numbers = JSON.parse(readFileSync(input)).input_data
  const plan = await client.plan({ ...order, model: readFileSync(model), input: numbers.map((it) => Float64Array.from(it)) })
  assert.equal(plan.digest, (await client.jobPlan(done)).digest)
  await assert.rejects(client.plan({ ...order, input: [[1, 2]] }), errors.BadInput)
  await assert.rejects(client.plan({ ...order, model: new Uint8Array(9) }), errors.BadModel)
  await assert.rejects(client.plan({ ...order, options: { wrokers: 1 } }), errors.BadRequest)
})

test('jobs have lists, histories and ends', options, async () => {
  const ids = (await all(client.jobs({ page: 1 }))).map(({ id }) => id)
  assert.ok(ids.includes(done.id))
  assert.deepEqual(ids, (await all(client.jobs())).map(({ id }) => id))
  assert.deepEqual(await all(client.jobs({ stage: ['failed'] })), [])
  const { attempts } = await client.job(done, { attempts: true })
  assert.ok(attempts.length > 0 && attempts.every(({ outcome }) => outcome === 'done'))
  assert.deepEqual((await all(client.events(done))).map(({ name }) => name), ['end'])
  assert.deepEqual(await all(client.events(done, { lastEventId: 'end' })), [])
})

test('cancelled jobs are not waited for and can be deleted', options, async () => {
  const job = await client.submit({ ...order, options: { workers: 64 } })
  await assert.rejects(client.wait(job, { timeout: 0.5 }), errors.WaitTimeout)
  await assert.rejects(client.wait(job, { signal: AbortSignal.timeout(300) }), { name: 'TimeoutError' })
  await assert.rejects(client.proof(job), errors.JobNotFinished)
  await client.cancel(job)
  await assert.rejects(client.wait(job), errors.JobCancelled)
  await client.delete(job)
  await assert.rejects(client.job(job), errors.UnknownJob)
})

test('a coordinator that is killed meanwhile is waited for', options, async () => {
  const job = await client.submit({ ...order, options: { workers: 64 } })
  const stream = client.events(job)
  assert.equal((await stream.next()).value.name, 'progress')
  await network.restart()
  assert.equal((await stream.next()).value.progress.job, job.id)
  await client.cancel(job)
  assert.equal((await all(stream)).at(-1).job.stage, 'cancelled')
})

test('workers are steered', options, async () => {
  const second = await network.join('second')
  const worker = (await client.workers()).find(({ name }) => name === 'second')
  await client.cordon(worker, { reason: 'new disk' })
  const cordoned = await client.worker(worker.id)
  assert.deepEqual([cordoned.state, cordoned.record.reason], ['cordoned', 'new disk'])
  await client.uncordon(worker)
  assert.equal((await client.worker(worker)).state, 'live')
  const left = new Promise((resolve) => second.once('exit', resolve))
  await client.drain(worker, { deadline: 3600 })
  assert.equal(await left, 0)
  await assert.rejects(client.cordon('nobody'), errors.UnknownWorker)
})

test('the network and its audit', options, async () => {
  assert.deepEqual([(await client.self()).name, (await client.self()).role], ['tests', 'operator'])
  assert.ok((await client.cluster()).jobs.done >= 1)
  const numbers = (await all(client.audit({ page: 2 }))).map(({ number }) => number)
  assert.ok(numbers.length > 2)
  assert.deepEqual(numbers, [...numbers].sort((a, b) => b - a))
  writeFileSync(join(folder, 'token'), 'wrong\n')
  const nobody = new Client(network.url, { token: await tokenFile(join(folder, 'token')) })
  await assert.rejects(nobody.self(), errors.Unauthenticated)
})

const readme = readFileSync(join(root, 'clients/js/README.md'), 'utf8')
for (const [number, [, block]] of [...readme.matchAll(/^```js\n(.*?)^```/gms)].entries()) {
  test(`example ${number} of the README runs`, options, async () => {
    const home = mkdtempSync(join(folder, 'readme-'))
    mkdirSync(join(home, 'examples'))
    for (const path of [model, input]) cpSync(path, join(home, 'examples', basename(path)))
    mkdirSync(join(home, 'node_modules'))
    symlinkSync(join(root, 'clients/js'), join(home, 'node_modules/aleo-ezkl'))
    writeFileSync(join(home, 'example.mjs'), block.replaceAll('http://127.0.0.1:9001', network.url))
    const env = { ...process.env, EZKL_TOKEN: network.token, PATH: `${dirname(tool)}:${process.env.PATH}` }
    await promisify(execFile)(process.execPath, ['example.mjs'], { cwd: home, env })
  })
}
