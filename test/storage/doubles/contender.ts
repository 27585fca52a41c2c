import { VentralError } from '../../../src/domain/errors.ts'
import { acquireLock } from '../../../src/storage/lock.ts'

// Tries to take the lock when told to, and says how that went.
process.on('message', () => {
  acquireLock(process.argv[2], 0).then(
    () => process.send!('owner'),
    (error: unknown) => process.send!(error instanceof VentralError ? error.code : String(error)),
  )
})
process.send!('ready')
