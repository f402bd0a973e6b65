/*
 * chat - a conversation by npm's ws, which nobody here wrote.
 *
 * usage: node chat.mjs PORT PUBLIC_KEY SESSION; writes one JSON object of what it saw
 */
import { once } from 'node:events'
import WebSocket from 'ws'

const [port, key, session] = process.argv.slice(2)
const said = {}

/** Frames of one socket, in order. */
class Line {
    constructor(options) {
        this.ws = new WebSocket(`ws://127.0.0.1:${port}/ws/chat/${session}`, ['cc.v1', `cc.key.${key}`], options)
        this.frames = []
        this.wake = () => {}
        this.ws.on('message', (data) => {
            this.frames.push(JSON.parse(data.toString()))
            this.wake()
        })
    }

    send(frame) {
        this.ws.send(JSON.stringify(frame))
    }

    async next() {
        while (!this.frames.length) await new Promise((resolve) => (this.wake = resolve))
        return this.frames.shift()
    }

    async until(type) {
        const frames = []
        do frames.push(await this.next())
        while (frames.at(-1).type !== type)
        return frames
    }
}

const textOf = (frames) => frames.filter((f) => f.type === 'token').map((f) => f.text).join('')

/** The same answer on two sockets: the first is cut after some tokens. */
async function cutAndResume() {
    const first = new Line()
    await first.until('hello')
    first.send({ type: 'message', message: 'Cut me in the middle' })
    const before = await first.until('accepted')
    for (let i = 0; i < 5; i++) before.push(...(await first.until('token')))
    first.ws.terminate()
    const second = new Line()
    await second.until('hello')
    second.send({ type: 'resume', answerId: before[0].answerId, after: before.at(-1).id })
    const after = await second.until('done')
    second.ws.terminate()
    return textOf([...before, ...after])
}

async function tooLarge() {
    const line = new Line()
    await line.until('hello')
    line.ws.send('x'.repeat(16385))
    const [code] = await once(line.ws, 'close')
    return code
}

const line = new Line()
said.first = [(await line.next()).type]
said.protocol = line.ws.protocol
said.extensions = line.ws.extensions
line.send({ type: 'ping' })
said.first.push((await line.next()).type)
line.send({ type: 'message', message: 'Cut me in the middle', messageId: 'by-their-client' })
const frames = await line.until('done')
said.text = textOf(frames)
said.done = frames.at(-1).text
line.ws.ping('are you there')
said.ponged = (await once(line.ws, 'pong'))[0].toString()
line.ws.send('{"type":', { fin: false })
line.ws.send('"ping"}', { fin: true })
said.pieces = (await line.next()).type
line.ws.close(1000)
said.code = (await once(line.ws, 'close'))[0]
said.resumed = await cutAndResume()
said.tooLarge = await tooLarge()
console.log(JSON.stringify(said))
