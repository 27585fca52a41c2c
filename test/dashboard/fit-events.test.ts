import t from 'tap'
import { createEventParser } from '../../src/dashboard/api/fit-events.ts'

const text = 'id: 7\nevent: progress\ndata: {"done":1}\n\n: still here\n\nid: 8\r\nevent: end\r\ndata: {"status":"succeeded"}\r\n\r\nid: 9\n'
const expected = [
  { id: '7', type: 'progress', data: '{"done":1}' },
  { id: '8', type: 'end', data: '{"status":"succeeded"}' },
]

t.test('events come out whole however their text is cut; comments and what is unfinished do not', async (t) => {
  t.strictSame(createEventParser()(text), expected)
  for (const size of [1, 2, 5, 11]) {
    const parse = createEventParser()
    const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, i) => text.slice(i * size, (i + 1) * size))
    t.strictSame(pieces.flatMap(parse), expected, `in pieces of ${size}`)
  }
})
