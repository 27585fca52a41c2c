/** A decoded image: 8-bit RGB, interleaved, rows from top to bottom (height x width x 3). */
export interface RgbImage {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}
