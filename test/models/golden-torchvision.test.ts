import t from 'tap'
import { getBackbone } from '../../src/models/backbones/index.ts'
import { frozenGoldens, matchesGolden } from '../helper/frozen-golden.ts'

// Frozen from torchvision for the architectures without a shared reference file (see trim.py beside it).
for (const golden of frozenGoldens('torchvision.json')) {
  t.test(`${golden.arch}: parameters and every tap are torchvision's`, (t) => matchesGolden(t, getBackbone(golden.arch), golden))
}
