import { useState } from 'preact/hooks'

/** Takes one image file: dropped on it, or chosen from the disk by mouse or keyboard. */
export const ImageDrop = ({ name, onImage }: { name: string | null; onImage: (image: File) => void }) => {
  const [over, setOver] = useState(false)
  const take = (files: FileList | null | undefined): void => {
    if (files?.[0]) onImage(files[0])
  }
  return (
    <label
      class={over ? 'drop over' : 'drop'}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault()
        setOver(false)
        take(event.dataTransfer?.files)
      }}
    >
      <span>{name === null ? 'Drop an image here, or choose a file' : `${name}. Drop another, or choose one`}</span>
      <span class="muted">JPEG, PNG, WebP or BMP</span>
      <input type="file" accept="image/*" class="unseen" onChange={(event) => take(event.currentTarget.files)} />
    </label>
  )
}
