import { createServer } from 'node:http'

/** JSON. */
export const answer = (value, status = 200, headers = {}) =>
  ({ status, body: JSON.stringify(value), headers: { 'Content-Type': 'application/json', ...headers } })

/** A problem document. */
export const problem = (status, code, headers = {}) =>
  answer({ code, detail: `about ${code}`, status, title: 'A title', type: `urn:ezkl:error:${code}` }, status, headers)

/** A stream of events that ends, or is cut off. */
export const events = (text, cut = false) => ({ status: 200, body: text, headers: { 'Content-Type': 'text/event-stream' }, cut })

/** Reads the request and breaks off the connection without an answer. */
export const drop = { isDropped: true }

/** An HTTP server that answers requests with the steps of `script`, in order, and keeps what it heard. */
export async function scriptedServer(test) {
  const server = { script: [], heard: [] }
  const http = createServer(async (request, response) => {
    const pieces = []
    for await (const piece of request) pieces.push(piece)
    server.heard.push({ method: request.method, target: request.url, headers: request.headers, body: Buffer.concat(pieces) })
    const step = server.script.shift() ?? problem(500, 'script_over')
    if (step.isDropped) return request.socket.destroy()
    response.writeHead(step.status, { ...step.headers, Connection: 'close', ...(step.cut && { 'Content-Length': 1 << 20 }) })
    response.write(step.body ?? '')
    if (!step.cut) return response.end()
    setTimeout(() => request.socket.destroy(), 50)
  })
  await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve))
  test.after(() => new Promise((resolve) => { http.close(resolve); http.closeAllConnections?.() }))
  server.url = `http://127.0.0.1:${http.address().port}`
  return server
}
