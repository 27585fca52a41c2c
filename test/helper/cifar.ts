import fs from 'node:fs'
import path from 'node:path'
import { createRandomState } from '../../src/numerics/random/mt19937.ts'

const SIDE = 32
const colours = [[220, 40, 40], [40, 200, 60], [50, 80, 230], [230, 200, 40], [200, 60, 210]] as const

type Random = ReturnType<typeof createRandomState>

/** A picture in planes (3 x 32 x 32): a disc (even classes) or a cross (odd ones) of a class's colour, somewhere, on grey noise. */
export const shapePicture = (label: number, random: Random): Uint8Array => {
  const out = new Uint8Array(3 * SIDE * SIDE)
  const [x0, y0, radius] = [random.randint(11, 21), random.randint(11, 21), random.randint(7, 11)]
  const colour = colours[Math.floor(label / 2) % colours.length]
  for (let y = 0; y < SIDE; y++)
    for (let x = 0; x < SIDE; x++) {
      const inside = label % 2 === 0 ? Math.hypot(x - x0, y - y0) <= radius : Math.min(Math.abs(x - x0), Math.abs(y - y0)) <= 2 && Math.max(Math.abs(x - x0), Math.abs(y - y0)) <= radius
      const noise = random.randint(90, 150)
      for (let c = 0; c < 3; c++) out[c * SIDE * SIDE + y * SIDE + x] = inside ? colour[c] : noise
    }
  return out
}

/** Records as CIFAR's binary files hold them, `count` of each class in turn; CIFAR-100's coarse label is the fine one over 5. */
export const cifarRecords = (variant: 10 | 100, classes: number, count: number, seed: number): Buffer => {
  const random = createRandomState(seed)
  return Buffer.concat(
    Array.from({ length: classes * count }, (_, i) => {
      const label = i % classes
      return Buffer.concat([Buffer.from(variant === 10 ? [label] : [Math.floor(label / 5), label]), shapePicture(label, random)])
    }),
  )
}

/** A folder of CIFAR-10's files with made-up pictures, so many of each class. */
export const writeCifar10 = (folder: string, { train, test, seed = 1 }: { train: number; test: number; seed?: number }): void => {
  fs.mkdirSync(folder, { recursive: true })
  fs.writeFileSync(path.join(folder, 'data_batch_1.bin'), cifarRecords(10, 10, train, seed))
  fs.writeFileSync(path.join(folder, 'test_batch.bin'), cifarRecords(10, 10, test, seed + 1))
  fs.writeFileSync(path.join(folder, 'batches.meta.txt'), 'airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n')
}
