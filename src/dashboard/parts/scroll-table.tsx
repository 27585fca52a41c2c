import type { ComponentChildren } from 'preact'

/** A table that scrolls sideways where it is wider than its place; by keyboard too. */
export const ScrollTable = ({ label, children, class: kind = '' }: { label: string; children: ComponentChildren; class?: string }) => (
  <div class="scroll" role="region" aria-label={label} tabIndex={0}>
    <table class={kind}>
      <caption class="unseen">{label}</caption>
      {children}
    </table>
  </div>
)
