import { rememberKey } from '../api/client.ts'

export const KeyForm = ({ onKey }: { onKey: () => void }) => (
  <form
    class="key-form"
    onSubmit={(event) => {
      event.preventDefault()
      rememberKey((event.currentTarget.elements.namedItem('key') as HTMLInputElement).value)
      onKey()
    }}
  >
    <h1>Ventral</h1>
    <label>
      This server wants its key
      <input name="key" type="password" required autocomplete="off" />
    </label>
    <p class="muted">It is the server’s VENTRAL_API_KEY. This tab keeps it until it is closed.</p>
    <button>Go on</button>
  </form>
)
