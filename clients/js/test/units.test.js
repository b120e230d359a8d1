import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { inspect } from 'node:util'
import * as module from '../src/index.js'
import { Client, Retry } from '../src/index.js'
import * as errors from '../src/errors.js'
import { problem } from '../src/problem.js'
import { retryAfter } from '../src/retry.js'
import { SHA256 } from '../src/sha256.js'
import { Parser } from '../src/sse.js'

test('events come in pieces of any size', () => {
  const stream = '\ufeff: hello\r\n\r\nid: 1\nevent: progress\ndata: {"a":\ndata:  "ä"}\n\n'
    + 'data\n\nid: 2\rdata:x\r\revent: lost\nid: 3\n\nretry: 1500\nid: a\0b\nfield: no\ndata: y\n\ndata: unfinished'
  const bytes = new TextEncoder().encode(stream)
  for (const size of [1, 2, 3, 7, 1000]) {
    const parser = new Parser()
    const found = []
    for (let place = 0; place < bytes.length; place += size) found.push(...parser.feed(bytes.subarray(place, place + size)))
    assert.deepEqual(found, [
      { name: 'progress', data: '{"a":\n "ä"}', id: '1' }, { name: 'message', data: '', id: '1' },
      { name: 'message', data: 'x', id: '2' }, { name: 'message', data: 'y', id: '3' },
    ])
    assert.deepEqual([parser.lastId, parser.retry, parser.comments], ['3', 1.5, 1])
  }
})

test('pauses grow to the cap and end', () => {
  const retry = new Retry({ attempts: 5, base: 1, cap: 3, patience: 60, random: () => 1 })
  assert.deepEqual([1, 2, 3, 4, 5].map((n) => retry.pause(n)), [1, 2, 3, 3, undefined])
  assert.equal(retry.pause(1, 30), 31)
  assert.equal(retry.pause(1, 61), undefined)
})

test('Retry-After is a number or a date', () => {
  assert.equal(retryAfter('7'), 7)
  assert.equal(retryAfter('Wed, 21 Oct 2015 07:28:00 GMT'), 0)
  for (const text of [null, undefined, '', 'soon', '-1', '1e9', '٣', '9'.repeat(400)]) assert.equal(retryAfter(text), undefined)
})

test('the hash of browsers is the hash', () => {
  for (const size of [0, 1, 54, 55, 56, 57, 63, 64, 65, 119, 120, 128, 70_001]) {
    const bytes = Uint8Array.from({ length: size }, (_, place) => place * 7)
    const hash = new SHA256()
    for (let place = 0; place < size; place += 37) hash.update(bytes.subarray(place, place + 37))
    assert.equal(hash.hex(), createHash('sha256').update(bytes).digest('hex'))
  }
})

test('the token shows nowhere', () => {
  const client = new Client('http://localhost:1', { token: 's3cr3t\n' })
  assert.doesNotMatch(inspect(client, { depth: 9, showHidden: true }) + JSON.stringify(client) + String(client), /s3cr3t/)
  for (const token of [undefined, '', 'a b', 'a\nb', 'ä', 7]) {
    delete process.env.EZKL_TOKEN
    assert.throws(() => new Client('http://localhost:1', { token }), TypeError)
  }
})

test('addresses that would show the token are refused', () => {
  for (const url of ['ftp://a', 'a:1', 'http://u:p@localhost', 'http://localhost?x', 'http://10.0.0.1', 'http://127.0.0.1.example']) {
    assert.throws(() => new Client(url, { token: 't' }), TypeError)
  }
  for (const url of ['http://127.0.0.1:1', 'http://[::1]:1', 'http://localhost', 'https://host/under/']) new Client(url, { token: 't' })
  new Client('http://10.0.0.1', { token: 't', plain: true })
  assert.equal(new Client('https://host/under/', { token: 't' }).url, 'https://host/under')
})

test('errors follow from codes', () => {
  const kind = (status, text) => problem(status, text).constructor
  const of = (code) => JSON.stringify({ code, detail: 'why' })
  assert.equal(kind(404, of('unknown_job')), errors.UnknownJob)
  assert.equal(kind(404, of('artifact')), errors.NotFound)
  assert.equal(kind(422, of('artifact')), errors.BadArtifact)
  assert.equal(kind(422, of('something_new')), errors.Unacceptable)
  assert.equal(kind(503, of('planner')), errors.PlanningFailed)
  assert.equal(kind(500, of('constructor')), errors.CoordinatorFailed)
  for (const text of ['', '<html>', '[1]', '"x"', 'null']) assert.equal(kind(502, text), errors.Unavailable)
  const error = problem(422, of('bad_model'))
  assert.deepEqual([error.name, error.message, error.code, error.status], ['BadModel', 'why', 'bad_model', 422])
})

test('the declarations name what there is', () => {
  const text = readFileSync(new URL('../index.d.ts', import.meta.url), 'utf8')
  const declared = [...text.matchAll(/^export class (\w+)/gm)].map(([, name]) => name)
  const exported = Object.keys(module).filter((name) => typeof module[name] === 'function')
  assert.deepEqual(declared.sort(), exported.sort())
  const body = text.slice(text.indexOf('export class Client'), text.indexOf('export class EzklError'))
  const methods = [...body.matchAll(/^ {2}(?:readonly )?(\w+)[(:]/gm)].map(([, name]) => name)
  assert.deepEqual([...new Set(methods)].sort(), Object.getOwnPropertyNames(Client.prototype).sort())
})
