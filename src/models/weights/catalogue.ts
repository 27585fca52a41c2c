/** A published checkpoint: facts for fetching and checking it. */
export interface CatalogueEntry {
  backbone: string
  /** which of several published trainings; the first of a backbone is the usual one */
  version: string
  url: string
  /** first digits of the file's sha256, as its publisher put them in the file's name */
  sha256Prefix: string
  /** of the repository that publishes the weights */
  licence: string
  source: string
  /** published accuracy on ImageNet's validation set, a fraction; null where none is stated */
  top1: number | null
  /** how images are prepared where that accuracy was measured; encoding resizes to the whole input instead */
  classification: { resize: number; crop: number; filter: 'bilinear' | 'bicubic' }
}

/** Resize of the shorter side, then a crop of the centre. */
const usual: CatalogueEntry['classification'] = { resize: 256, crop: 224, filter: 'bilinear' }

/** Accuracies and preprocessing as torchvision 0.14 states them with its weights. */
const torchvision = (
  backbone: string,
  sha256Prefix: string,
  version: string,
  top1: number,
  { name = backbone, classification = usual }: { name?: string; classification?: CatalogueEntry['classification'] } = {},
): CatalogueEntry => ({
  backbone,
  version,
  url: `https://download.pytorch.org/models/${name}-${sha256Prefix}.pth`,
  sha256Prefix,
  licence: 'BSD-3-Clause',
  source: 'torchvision',
  top1,
  classification,
})

const cornet = (letter: string, sha256Prefix: string, top1: number | null): CatalogueEntry => ({
  backbone: `cornet_${letter}`,
  version: 'ImageNet',
  url: `https://s3.amazonaws.com/cornet-models/cornet_${letter}-${sha256Prefix}.pth`,
  sha256Prefix,
  licence: 'GPL-3.0',
  source: 'dicarlolab/CORnet',
  top1,
  classification: usual,
})

/** Ported by R. Cadene, kept by timm, with accuracies from its table of results on ImageNet; resize is side / crop_pct. */
const timm = (backbone: string, sha256Prefix: string, top1: number, { resize, crop }: { resize: number; crop: number }): CatalogueEntry => ({
  backbone,
  version: 'ImageNet',
  url: `https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-cadene/${backbone}-${sha256Prefix}.pth`,
  sha256Prefix,
  licence: 'Apache-2.0',
  source: 'timm',
  top1,
  classification: { resize, crop, filter: 'bicubic' },
})

/** Checkpoints trained on ImageNet for the backbones here. */
export const catalogue: readonly CatalogueEntry[] = [
  torchvision('alexnet', '7be5be79', 'V1', 0.56522, { name: 'alexnet-owt' }),
  torchvision('vgg11', '8a719046', 'V1', 0.6902),
  torchvision('vgg11_bn', '6002323d', 'V1', 0.7037),
  torchvision('vgg13', '19584684', 'V1', 0.69928),
  torchvision('vgg13_bn', 'abd245e5', 'V1', 0.71586),
  torchvision('vgg16', '397923af', 'V1', 0.71592),
  torchvision('vgg16_bn', '6c64b313', 'V1', 0.7336),
  torchvision('vgg19', 'dcbb9e9d', 'V1', 0.72376),
  torchvision('vgg19_bn', 'c79401a0', 'V1', 0.74218),
  torchvision('resnet18', 'f37072fd', 'V1', 0.69758),
  torchvision('resnet34', 'b627a593', 'V1', 0.73314),
  torchvision('resnet50', '0676ba61', 'V1', 0.7613),
  torchvision('resnet50', '11ad3fa6', 'V2', 0.80858, { classification: { resize: 232, crop: 224, filter: 'bilinear' } }),
  torchvision('resnet101', '63fe2227', 'V1', 0.77374),
  torchvision('resnet101', 'cd907fc2', 'V2', 0.81886, { classification: { resize: 232, crop: 224, filter: 'bilinear' } }),
  torchvision('resnet152', '394f9c45', 'V1', 0.78312),
  torchvision('resnet152', 'f82ba261', 'V2', 0.82284, { classification: { resize: 232, crop: 224, filter: 'bilinear' } }),
  torchvision('resnext50_32x4d', '7cdf4587', 'V1', 0.77618),
  torchvision('resnext50_32x4d', '1a0047aa', 'V2', 0.81198, { classification: { resize: 232, crop: 224, filter: 'bilinear' } }),
  torchvision('wide_resnet50_2', '95faca4d', 'V1', 0.78468),
  torchvision('wide_resnet50_2', '9ba9bcbe', 'V2', 0.81602, { classification: { resize: 232, crop: 224, filter: 'bilinear' } }),
  torchvision('squeezenet1_0', 'b66bff10', 'V1', 0.58092),
  torchvision('squeezenet1_1', 'b8a52dc0', 'V1', 0.58178),
  torchvision('densenet121', 'a639ec97', 'V1', 0.74434),
  torchvision('densenet161', '8d451a50', 'V1', 0.77138),
  torchvision('densenet169', 'b2777c0a', 'V1', 0.756),
  torchvision('densenet201', 'c1103571', 'V1', 0.76896),
  torchvision('mobilenet_v2', 'b0353104', 'V1', 0.71878),
  torchvision('mobilenet_v2', '7ebf99e0', 'V2', 0.72154, { classification: { resize: 232, crop: 224, filter: 'bilinear' } }),
  torchvision('mobilenet_v3_large', '8738ca79', 'V1', 0.74042),
  torchvision('mobilenet_v3_large', '5c1a4163', 'V2', 0.75274, { classification: { resize: 232, crop: 224, filter: 'bilinear' } }),
  torchvision('mobilenet_v3_small', '047dcff4', 'V1', 0.67668),
  torchvision('efficientnet_b0', '3dd342df', 'V1', 0.77692, { name: 'efficientnet_b0_rwightman', classification: { resize: 256, crop: 224, filter: 'bicubic' } }),
  torchvision('efficientnet_b1', '533bc792', 'V1', 0.78642, { name: 'efficientnet_b1_rwightman', classification: { resize: 256, crop: 240, filter: 'bicubic' } }),
  torchvision('efficientnet_b1', 'c27df63c', 'V2', 0.79838, { classification: { resize: 255, crop: 240, filter: 'bilinear' } }),
  torchvision('efficientnet_b2', 'bcdf34b7', 'V1', 0.80608, { name: 'efficientnet_b2_rwightman', classification: { resize: 288, crop: 288, filter: 'bicubic' } }),
  torchvision('efficientnet_b3', 'cf984f9c', 'V1', 0.82008, { name: 'efficientnet_b3_rwightman', classification: { resize: 320, crop: 300, filter: 'bicubic' } }),
  torchvision('efficientnet_b4', '7eb33cd5', 'V1', 0.83384, { name: 'efficientnet_b4_rwightman', classification: { resize: 384, crop: 380, filter: 'bicubic' } }),
  torchvision('googlenet', '1378be20', 'V1', 0.69778),
  torchvision('inception_v3', '0cc3c7bd', 'V1', 0.77294, { name: 'inception_v3_google', classification: { resize: 342, crop: 299, filter: 'bilinear' } }),
  torchvision('shufflenet_v2_x0_5', 'f707e7126e', 'V1', 0.60552, { name: 'shufflenetv2_x0.5' }),
  torchvision('shufflenet_v2_x1_0', '5666bf0f80', 'V1', 0.69362, { name: 'shufflenetv2_x1' }),
  torchvision('shufflenet_v2_x1_5', '3c479a10', 'V1', 0.72996, { name: 'shufflenetv2_x1_5', classification: { resize: 232, crop: 224, filter: 'bilinear' } }),
  torchvision('shufflenet_v2_x2_0', '8be3c8ee', 'V1', 0.7623, { name: 'shufflenetv2_x2_0', classification: { resize: 232, crop: 224, filter: 'bilinear' } }),
  torchvision('convnext_tiny', '983f1562', 'V1', 0.8252, { classification: { resize: 236, crop: 224, filter: 'bilinear' } }),
  torchvision('convnext_small', '0c510722', 'V1', 0.83616, { classification: { resize: 230, crop: 224, filter: 'bilinear' } }),
  torchvision('convnext_base', '6075fbad', 'V1', 0.84062, { classification: { resize: 232, crop: 224, filter: 'bilinear' } }),
  timm('xception', '43020ad28', 0.7904, { resize: 333, crop: 299 }),
  timm('pnasnet5large', 'bf079911', 0.82782, { resize: 363, crop: 331 }),
  cornet('z', '5c427c9c', 0.47),
  cornet('r', '5930a990', null),
  cornet('rt', '933c001c', null),
  cornet('s', '1d3f7974', 0.747),
]

/** Published checkpoints of a backbone, the usual one first; empty where none is known. */
export const publishedWeights = (backbone: string): CatalogueEntry[] => catalogue.filter((entry) => entry.backbone === backbone)
