/** Server-Sent Events: bytes in, messages out (the HTML standard, section 9.2.6). Takes a stream in pieces of any size. */
export class Parser {
  #decoder = new TextDecoder()
  #rest = ''
  #name = ''
  #data = []
  #id

  /** @param {string} lastId the id of the last event that had one */
  constructor(lastId = '') {
    this.lastId = lastId
    /** Comments so far: signs of life. */
    this.comments = 0
    /** Seconds before a new connection, if the server named some. */
    this.retry = undefined
  }

  /** The events that end in this piece, as `{name, data, id}`. */
  feed(piece) {
    const text = this.#rest + this.#decoder.decode(piece, { stream: true })
    // A carriage return at the end may be half a line break.
    const held = text.endsWith('\r') ? '\r' : ''
    const lines = text.slice(0, text.length - held.length).split(/\r\n|\r|\n/)
    this.#rest = lines.pop() + held
    return lines.map((line) => this.#line(line)).filter((message) => message !== undefined)
  }

  #line(line) {
    if (line === '') return this.#dispatch()
    const [, name, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line)
    if (name === '') this.comments += 1
    else if (name === 'event') this.#name = value
    else if (name === 'data') this.#data.push(value)
    else if (name === 'id' && !value.includes('\0')) this.#id = value
    else if (name === 'retry' && /^\d+$/.test(value)) this.retry = Number(value) / 1000
    return undefined
  }

  #dispatch() {
    this.lastId = this.#id ?? this.lastId
    const message = { name: this.#name || 'message', data: this.#data.join('\n'), id: this.lastId }
    const isEmpty = this.#data.length === 0
    this.#name = ''
    this.#data = []
    this.#id = undefined
    return isEmpty ? undefined : message
  }
}
