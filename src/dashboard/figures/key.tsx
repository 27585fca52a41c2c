import type { ComponentChildren } from 'preact'

const shapes = {
  series: (
    <>
      <path d="M1 8h22M12 2v12M9 2h6M9 14h6" />
      <circle cx="12" cy="8" r="3.5" class="filled" />
    </>
  ),
  random: (
    <>
      <path d="M1 8h22" stroke-dasharray="4 3" />
      <path d="M12 2v12M9 2h6M9 14h6" />
      <rect x="8.5" y="4.5" width="7" height="7" class="open" />
    </>
  ),
  pixels: (
    <>
      <rect x="0" y="3" width="24" height="10" class="band" />
      <path d="M0 8h24" stroke-dasharray="2 3" />
    </>
  ),
  ceiling: <path d="M0 8h24" stroke-dasharray="9 4" />,
  best: <circle cx="12" cy="8" r="6.5" />,
}

/** One entry of a figure's key: told by shape and dash as well as by colour. */
export const KeyEntry = ({ of, children }: { of: keyof typeof shapes; children: ComponentChildren }) => (
  <li>
    <svg class={`key-${of}`} viewBox="0 0 24 16" width="24" height="16" aria-hidden="true">
      {shapes[of]}
    </svg>
    {children}
  </li>
)
