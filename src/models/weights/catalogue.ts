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
  torchvision('squeezenet1_1', 'b8a52dc0', 'V1'),
  torchvision('squeezenet1_0', 'b66bff10', 'V1'),
  torchvision('resnet18', 'f37072fd', 'V1'),
  torchvision('resnet34', 'b627a593', 'V1'),
  torchvision('resnet50', '0676ba61', 'V1'),
  torchvision('resnet50', '11ad3fa6', 'V2'),
  torchvision('resnet101', '63fe2227', 'V1'),
  torchvision('resnet101', 'cd907fc2', 'V2'),
  torchvision('alexnet', '7be5be79', 'V1', 'alexnet-owt'),
  torchvision('vgg11_bn', '6002323d', 'V1'),
  torchvision('densenet121', 'a639ec97', 'V1'),
  torchvision('mobilenet_v2', 'b0353104', 'V1'),
  torchvision('mobilenet_v2', '7ebf99e0', 'V2'),
  cornet('z', '5c427c9c'),
  cornet('r', '5930a990'),
  cornet('rt', '933c001c'),
  cornet('s', '1d3f7974'),
]

/** Published checkpoints of a backbone, the usual one first; empty where none is known. */
export const publishedWeights = (backbone: string): CatalogueEntry[] => catalogue.filter((entry) => entry.backbone === backbone)
