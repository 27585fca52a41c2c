import fs from 'node:fs'
import t from 'tap'

interface Entry {
  id: string
  name: string
  url: string | null
  sha256: string | null
  sha1: string | null
  licence: string | null
  licenceNote: string
  regions: string[]
  holds: string
}

t.test('every public dataset has its facts, or null where none is known', async (t) => {
  const { datasets } = JSON.parse(fs.readFileSync(new URL('../../data/catalogue.json', import.meta.url), 'utf8')) as { datasets: Entry[] }
  t.equal(new Set(datasets.map(({ id }) => id)).size, datasets.length)
  for (const { id, name, url, sha256, sha1, licence, licenceNote, holds } of datasets) {
    t.ok(name && holds && licenceNote, id)
    t.ok(url === null || /^(https|s3):\/\//.test(url), `${id}: ${url}`)
    t.ok(sha256 === null || /^[0-9a-f]{64}$/.test(sha256), `${id}: sha256`)
    t.ok(sha1 === null || /^[0-9a-f]{40}$/.test(sha1), `${id}: sha1`)
    t.ok(licence === null || licence.length > 0, `${id}: licence`)
  }
})
