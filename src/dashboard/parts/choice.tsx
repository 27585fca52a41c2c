/** One out of a few, all in sight: radio buttons in a row. */
export const Choice = <T extends string>({ label, name, options, chosen, onChoose }: { label: string; name: string; options: { value: T; text: string }[]; chosen: T; onChoose: (value: T) => void }) => (
  <fieldset class="choice">
    <legend>{label}</legend>
    {options.map(({ value, text }) => (
      <label key={value}>
        <input type="radio" name={name} value={value} checked={value === chosen} onChange={() => onChoose(value)} />
        <span>{text}</span>
      </label>
    ))}
  </fieldset>
)
