import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../../', import.meta.url))
export const binaries = resolve(process.env.EZKL_BIN ?? join(root, '.build/release'))
export const tool = join(binaries, 'ezkl-coord')
export const model = join(root, 'examples/digits_mlp.onnx')
export const input = join(root, 'examples/digits_mlp_input.json')

/** Why there can be no network; undefined where there can. */
export const missing = process.env.EZKL_BIN || existsSync(tool) ? undefined : `needs ${tool} ('make build', or EZKL_BIN=FOLDER)`

/** A coordinator and workers. */
export class Network {
  #folder = mkdtempSync(join(tmpdir(), 'ezkl-js-'))
  #started = []

  static async start() {
    const network = new Network()
    try {
      // What ezkl-coord keeps between its runs is not the user's.
      process.env.HOME = network.#folder
      await network.#serve('127.0.0.1:0', '127.0.0.1:0')
      network.token = network.#makeToken('--http', 'tests', '--role', 'operator')
      writeFileSync(join(network.#folder, 'join'), network.#makeToken(), { mode: 0o600 })
      await network.join('first')
      return network
    } catch (error) {
      await network.stop()
      throw error
    }
  }

  /** Kills the coordinator and starts it at the same addresses. */
  async restart() {
    const { coordinator } = this
    coordinator.kill('SIGKILL')
    if (coordinator.exitCode === null && coordinator.signalCode === null) await new Promise((ended) => coordinator.once('exit', ended))
    await this.#serve(this.#address, new URL(this.url).host)
  }

  /** Starts a worker and waits until it is there. */
  async join(name) {
    const list = ['join', this.#address, '--token-file', join(this.#folder, 'join'), '--home', join(this.#folder, name), '--name', name]
    const [worker] = this.#spawn(name, 'ezkl-worker', list)
    for (let tries = 0; tries < 300; tries++) {
      const answer = await fetch(`${this.url}/v1/workers`, { headers: { Authorization: `Bearer ${this.token}` } })
      if ((await answer.json()).workers.some((it) => it.name === name)) return worker
      await sleep(100)
    }
    throw new Error(`worker ${name} did not join`)
  }

  async stop() {
    const ends = this.#started.filter((it) => it.exitCode === null && it.signalCode === null).map((it) => new Promise((ended) => it.once('exit', ended)))
    for (const process of this.#started) process.kill()
    const late = setTimeout(() => this.#started.forEach((it) => it.kill('SIGKILL')), 20_000)
    await Promise.all(ends)
    clearTimeout(late)
    rmSync(this.#folder, { recursive: true, force: true })
  }

  get #home() { return join(this.#folder, 'coordinator') }
  get #address() { return readFileSync(join(this.#home, 'address'), 'utf8').trim() }

  #makeToken(...options) {
    return execFileSync(tool, ['token', 'create', '--home', this.#home, ...options], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  }

  #spawn(name, program, list) {
    const log = join(this.#folder, `${name}.log`)
    const output = openSync(log, 'w')
    const started = spawn(join(binaries, program), list, { stdio: ['ignore', output, output] })
    this.#started.push(started)
    return [started, log]
  }

  async #serve(listen, http) {
    const [coordinator, log] = this.#spawn('coordinator.process', 'ezkl-coord', ['serve', '--home', this.#home, '--listen', listen, '--http', http])
    this.coordinator = coordinator
    for (let tries = 0; tries < 300 && coordinator.exitCode === null; tries++) {
      const text = readFileSync(log, 'utf8')
      if (text.includes('listening on')) {
        this.url = /HTTP on (http:\S+)/.exec(text)[1]
        return
      }
      await sleep(100)
    }
    throw new Error(`the coordinator did not start:\n${readFileSync(log, 'utf8')}`)
  }
}
