import type { AttributeProto, NodeProto } from '../../numerics/onnx/schema.ts'
import { attributeTypes } from '../../numerics/onnx/schema.ts'
import { clampInteger } from './tensors.ts'
import { quoted, some, unfit } from './refusals.ts'

/** Operators whose names say that they cannot be part of an encoder, and why. */
const refusedOperators: [RegExp, string, string][] = [
  [/^(If|Loop|Scan|SequenceMap)$/, 'branches or loops', 'A layer must be computed in the same way for every image: export it without control flow (for a fixed input size, by tracing).'],
  [/^(Random\w*|Bernoulli|Multinomial)$/, 'draws random numbers', 'Activations must be the same each time: export it for inference (model.eval()).'],
  [/^(Sequence\w*|SplitToSequence|ConcatFromSequence|ReverseSequence|Optional\w*)$/, 'works on sequences', 'Only tensors are read: export it without lists of tensors.'],
  [/^(String\w*|TfIdfVectorizer|RegexFullMatch|LabelEncoder|ImageDecoder)$/, 'works on strings or files', 'The input must be the image as numbers.'],
]

/** ONNX's own operators, and those that onnxruntime adds. */
const knownDomains = ['', 'com.microsoft', 'ai.onnx.ml']

/** ONNX's own domain has two names. */
export const domainName = (domain = ''): string => (domain === 'ai.onnx' ? '' : domain)

const nodeName = ({ name, opType = '' }: NodeProto): string => `${opType.slice(0, 60)}${name ? ` (node ${quoted(name)})` : ''}`

const plainAttributes: readonly number[] = [attributeTypes.float, attributeTypes.int, attributeTypes.string, attributeTypes.tensor, attributeTypes.floats, attributeTypes.ints, attributeTypes.strings, attributeTypes.tensors]

const isTraining = ({ opType, attribute = [] }: NodeProto): boolean => opType === 'BatchNormalization' && attribute.some(({ name, i }) => name === 'training_mode' && i === 1)

const refusalOf = (node: NodeProto): [what: string, advice: string] | null => {
  const { opType = '', attribute = [] } = node
  const rule = refusedOperators.find(([pattern]) => domainName(node.domain) === '' && pattern.test(opType))
  if (rule !== undefined) return [`${rule[1]}: ${nodeName(node)}`, rule[2]]
  if (attribute.some(({ g, graphs = [], type }) => g !== undefined || graphs.length > 0 || type === attributeTypes.graph || type === attributeTypes.graphs))
    return [`holds a graph within a node: ${nodeName(node)}`, 'Only plain graphs are read.']
  const odd = attribute.find(({ type }) => type !== undefined && !plainAttributes.includes(type))
  if (odd !== undefined) return [`has an attribute ${quoted(odd.name ?? '')} of kind ${odd.type}: ${nodeName(node)}`, 'Export it with plain attributes.']
  if (attribute.some(({ refAttrName }) => refAttrName)) return [`refers to a function's attributes: ${nodeName(node)}`, 'Inline its functions first (onnx.inliner).']
  if (isTraining(node)) return [`was exported for training: ${nodeName(node)}`, 'Call model.eval() before the export.']
  return null
}

/** Refuses by name what cannot be part of an encoder, whether or not the runtime has it. VentralError unsupported-format. */
export const checkOperators = (nodes: readonly NodeProto[], where: string): void => {
  const foreign = [...new Set(nodes.filter(({ domain }) => !knownDomains.includes(domainName(domain))).map(({ opType, domain }) => `${domain}.${opType}`))]
  if (foreign.length > 0) throw unfit(where, `uses operators that onnxruntime does not have: ${some(foreign)}`, 'Export it with operators of ONNX itself, and inline functions of its own (onnx.inliner).', 'operators of ONNX')
  for (const node of nodes) {
    const refusal = refusalOf(node)
    if (refusal !== null) throw unfit(where, ...refusal, 'a plain graph of ONNX operators')
  }
}

/** An attribute as it is written again: whole numbers that JavaScript can hold. */
export const plainAttribute = (attribute: AttributeProto): AttributeProto => ({
  ...attribute,
  ...(attribute.i === undefined ? {} : { i: clampInteger(attribute.i) }),
  ints: (attribute.ints ?? []).map(clampInteger),
})
