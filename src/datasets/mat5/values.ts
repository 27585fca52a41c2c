/** A value of a MAT-file. Arrays lie column by column, the first axis fastest, as MATLAB keeps them. */
export type MatValue = MatNumeric | MatChar | MatCell | MatStruct | MatUnread

/** A real array of numbers or truth values; `data` converts it anew each time. Integers over 2^53 are refused. */
export interface MatNumeric {
  kind: 'numeric'
  dims: number[]
  className: string
  data: () => Float64Array<ArrayBuffer>
}

/** Text, a string per row. */
export interface MatChar {
  kind: 'char'
  dims: number[]
  rows: string[]
}

export interface MatCell {
  kind: 'cell'
  dims: number[]
  cells: MatValue[]
}

/** An array of structs: the values of all fields of its first element, then of its second, … */
export interface MatStruct {
  kind: 'struct'
  dims: number[]
  fields: string[]
  values: MatValue[]
}

/** What is recognised but not read: functions, objects, sparse and complex arrays. */
export interface MatUnread {
  kind: 'unread'
  dims: number[]
  what: string
}

export interface MatVariable {
  name: string
  value: MatValue
}

/** "92 x 92 double", "1 x 4 struct" */
export const describeMat = ({ dims, ...value }: MatValue): string =>
  `${dims.join(' x ')} ${value.kind === 'numeric' ? (value as MatNumeric).className : value.kind === 'unread' ? (value as MatUnread).what : value.kind}`
