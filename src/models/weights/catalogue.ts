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
}

const torchvision = (backbone: string, sha256Prefix: string, version: string, name = backbone): CatalogueEntry => ({
  backbone, version, url: `https://download.pytorch.org/models/${name}-${sha256Prefix}.pth`, sha256Prefix, licence: 'BSD-3-Clause', source: 'torchvision',
})

const cornet = (letter: string, sha256Prefix: string): CatalogueEntry => ({
  backbone: `cornet_${letter}`, version: 'ImageNet', url: `https://s3.amazonaws.com/cornet-models/cornet_${letter}-${sha256Prefix}.pth`, sha256Prefix, licence: 'GPL-3.0', source: 'dicarlolab/CORnet',
})

/** Checkpoints trained on ImageNet for the backbones here. */
export const catalogue: readonly CatalogueEntry[] = [
  torchvision('alexnet', '7be5be79', 'V1', 'alexnet-owt'),
  torchvision('vgg11', '8a719046', 'V1'),
  torchvision('vgg11_bn', '6002323d', 'V1'),
  torchvision('vgg13', '19584684', 'V1'),
  torchvision('vgg13_bn', 'abd245e5', 'V1'),
  torchvision('vgg16', '397923af', 'V1'),
  torchvision('vgg16_bn', '6c64b313', 'V1'),
  torchvision('vgg19', 'dcbb9e9d', 'V1'),
  torchvision('vgg19_bn', 'c79401a0', 'V1'),
  torchvision('resnet18', 'f37072fd', 'V1'),
  torchvision('resnet34', 'b627a593', 'V1'),
  torchvision('resnet50', '0676ba61', 'V1'),
  torchvision('resnet50', '11ad3fa6', 'V2'),
  torchvision('resnet101', '63fe2227', 'V1'),
  torchvision('resnet101', 'cd907fc2', 'V2'),
  torchvision('resnet152', '394f9c45', 'V1'),
  torchvision('resnet152', 'f82ba261', 'V2'),
  torchvision('resnext50_32x4d', '7cdf4587', 'V1'),
  torchvision('resnext50_32x4d', '1a0047aa', 'V2'),
  torchvision('wide_resnet50_2', '95faca4d', 'V1'),
  torchvision('wide_resnet50_2', '9ba9bcbe', 'V2'),
  torchvision('squeezenet1_0', 'b66bff10', 'V1'),
  torchvision('squeezenet1_1', 'b8a52dc0', 'V1'),
  torchvision('densenet121', 'a639ec97', 'V1'),
  torchvision('densenet161', '8d451a50', 'V1'),
  torchvision('densenet169', 'b2777c0a', 'V1'),
  torchvision('densenet201', 'c1103571', 'V1'),
  torchvision('mobilenet_v2', 'b0353104', 'V1'),
  torchvision('mobilenet_v2', '7ebf99e0', 'V2'),
  torchvision('mobilenet_v3_large', '8738ca79', 'V1'),
  torchvision('mobilenet_v3_large', '5c1a4163', 'V2'),
  torchvision('mobilenet_v3_small', '047dcff4', 'V1'),
  torchvision('efficientnet_b0', '3dd342df', 'V1', 'efficientnet_b0_rwightman'),
  torchvision('efficientnet_b1', '533bc792', 'V1', 'efficientnet_b1_rwightman'),
  torchvision('efficientnet_b1', 'c27df63c', 'V2'),
  torchvision('efficientnet_b2', 'bcdf34b7', 'V1', 'efficientnet_b2_rwightman'),
  torchvision('efficientnet_b3', 'cf984f9c', 'V1', 'efficientnet_b3_rwightman'),
  torchvision('efficientnet_b4', '7eb33cd5', 'V1', 'efficientnet_b4_rwightman'),
  torchvision('googlenet', '1378be20', 'V1'),
  torchvision('inception_v3', '0cc3c7bd', 'V1', 'inception_v3_google'),
  torchvision('shufflenet_v2_x0_5', 'f707e7126e', 'V1', 'shufflenetv2_x0.5'),
  torchvision('shufflenet_v2_x1_0', '5666bf0f80', 'V1', 'shufflenetv2_x1'),
  torchvision('shufflenet_v2_x1_5', '3c479a10', 'V1', 'shufflenetv2_x1_5'),
  torchvision('shufflenet_v2_x2_0', '8be3c8ee', 'V1', 'shufflenetv2_x2_0'),
  torchvision('convnext_tiny', '983f1562', 'V1'),
  torchvision('convnext_small', '0c510722', 'V1'),
  torchvision('convnext_base', '6075fbad', 'V1'),
  cornet('z', '5c427c9c'),
  cornet('r', '5930a990'),
  cornet('rt', '933c001c'),
  cornet('s', '1d3f7974'),
]

/** Published checkpoints of a backbone, the usual one first; empty where none is known. */
export const publishedWeights = (backbone: string): CatalogueEntry[] => catalogue.filter((entry) => entry.backbone === backbone)
