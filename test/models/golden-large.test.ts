import t from 'tap'
import { getBackbone } from '../../src/models/backbones/index.ts'
import type { Golden } from '../helper/golden.ts'
import { compareWithGolden, goldenFile } from '../helper/golden.ts'
import { needs, sharedJson } from '../helper/shared.ts'

// The backbones whose weights take hundreds of megabytes, in a process of their own; they go through a weights file.
for (const id of ['resnet50', 'cornet_s', 'vgg11_bn', 'vgg16', 'convnext_tiny']) {
  t.test(`${id}: every tap is PyTorch's`, needs(...goldenFile(id)), async (t) => {
    const { missed, worst } = await compareWithGolden(getBackbone(id), sharedJson<Golden>(...goldenFile(id)))
    t.strictSame(missed, [], `worst error ${worst.toFixed(3)} of its tolerance`)
  })
}
