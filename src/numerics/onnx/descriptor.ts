import type protobuf from 'protobufjs/light.js'

type Field = { type: string; id: number; rule?: 'repeated'; options?: { packed: boolean } }

const one = (type: string, id: number): Field => ({ type, id })
const many = (type: string, id: number): Field => ({ rule: 'repeated', type, id })
const packed = (type: string, id: number): Field => ({ rule: 'repeated', type, id, options: { packed: true } })
// proto2: a scalar that was set is written even when it is zero (proto3, protobufjs's default here, would drop an attribute of value 0).
const proto2 = (fields: Record<string, Field>) => ({ edition: 'proto2', fields })

/**
 * The part of ONNX's onnx.proto (proto2) that inference models use, as protobufjs reads it. Numbers are those of the published schema;
 * fields left out here (training, functions, sparse and sequence types) are skipped when reading.
 */
export const onnxDescriptor: protobuf.INamespace = {
  nested: {
    ModelProto: proto2({
      irVersion: one('int64', 1),
      opsetImport: many('OperatorSetIdProto', 8),
      producerName: one('string', 2),
      producerVersion: one('string', 3),
      domain: one('string', 4),
      modelVersion: one('int64', 5),
      docString: one('string', 6),
      graph: one('GraphProto', 7),
      metadataProps: many('StringStringEntryProto', 14),
    }),
    OperatorSetIdProto: proto2({ domain: one('string', 1), version: one('int64', 2) }),
    StringStringEntryProto: proto2({ key: one('string', 1), value: one('string', 2) }),
    GraphProto: proto2({
      node: many('NodeProto', 1),
      name: one('string', 2),
      initializer: many('TensorProto', 5),
      docString: one('string', 10),
      input: many('ValueInfoProto', 11),
      output: many('ValueInfoProto', 12),
      valueInfo: many('ValueInfoProto', 13),
    }),
    NodeProto: proto2({
      input: many('string', 1),
      output: many('string', 2),
      name: one('string', 3),
      opType: one('string', 4),
      attribute: many('AttributeProto', 5),
      docString: one('string', 6),
      domain: one('string', 7),
    }),
    AttributeProto: proto2({
      name: one('string', 1),
      f: one('float', 2),
      i: one('int64', 3),
      s: one('bytes', 4),
      t: one('TensorProto', 5),
      g: one('GraphProto', 6),
      floats: many('float', 7),
      ints: many('int64', 8),
      strings: many('bytes', 9),
      tensors: many('TensorProto', 10),
      graphs: many('GraphProto', 11),
      docString: one('string', 13),
      type: one('int32', 20),
      refAttrName: one('string', 21),
    }),
    ValueInfoProto: proto2({ name: one('string', 1), type: one('TypeProto', 2), docString: one('string', 3) }),
    TypeProto: proto2({ tensorType: one('TensorTypeProto', 1), denotation: one('string', 6) }),
    // Nested in TypeProto and TensorShapeProto by the published schema; names do not reach the bytes.
    TensorTypeProto: proto2({ elemType: one('int32', 1), shape: one('TensorShapeProto', 2) }),
    TensorShapeProto: proto2({ dim: many('DimensionProto', 1) }),
    DimensionProto: proto2({ dimValue: one('int64', 1), dimParam: one('string', 2), denotation: one('string', 3) }),
    TensorProto: proto2({
      dims: many('int64', 1),
      dataType: one('int32', 2),
      floatData: packed('float', 4),
      int32Data: packed('int32', 5),
      stringData: many('bytes', 6),
      int64Data: packed('int64', 7),
      name: one('string', 8),
      rawData: one('bytes', 9),
      doubleData: packed('double', 10),
      uint64Data: packed('uint64', 11),
      docString: one('string', 12),
      externalData: many('StringStringEntryProto', 13),
      dataLocation: one('int32', 14),
    }),
  },
}
