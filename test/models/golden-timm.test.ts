import t from 'tap'
import { getBackbone } from '../../src/models/backbones/index.ts'
import { frozenGoldens, matchesGolden } from '../helper/frozen-golden.ts'

// Frozen from timm for the architectures that torchvision has not (see timm_backbones.py beside it).
for (const golden of frozenGoldens('timm.json')) {
  t.test(`${golden.arch}: parameters and every tap are timm's`, (t) => matchesGolden(t, getBackbone(golden.arch), golden))
}
