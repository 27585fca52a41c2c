import fs from 'node:fs'
import { newId } from '../../../src/storage/ids.ts'
import { insertDataset } from '../../../src/storage/repositories/datasets.ts'
import { holdBlobs } from '../../../src/storage/blob-references.ts'
import { openContext } from '../../../src/pipeline/context.ts'
import { someDataset, testConfig } from '../../helper/home.ts'

// Owns a data folder, stores a blob and its row again and again, and says each id once it is acknowledged.
const context = await openContext(testConfig(process.argv[2]))
process.send!({ ready: context.home.postgres!.pid() })
for (;;) {
  const id = newId()
  const { sha256 } = await context.blobs.put(Buffer.from(id))
  await context.db.transaction(async (tx) => {
    await holdBlobs(tx, context.blobs, [sha256])
    await insertDataset(tx, someDataset(id, { manifest: sha256 }))
  })
  fs.writeSync(3, `${id}\n`)
}
