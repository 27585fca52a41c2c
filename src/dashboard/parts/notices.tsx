import type { ComponentChildren } from 'preact'

/** What went wrong, said to screen readers when it appears. */
export const Trouble = ({ error }: { error: Error | null }) => (error === null ? null : <p class="notice trouble" role="alert">{error.message}</p>)

export const Notice = ({ children }: { children: ComponentChildren }) => <p class="notice">{children}</p>

/** Stands wherever simulated data are named: their scores are never shown as findings. */
export const Simulated = () => <span class="tag simulated">simulated</span>

export const Waiting = ({ what }: { what: string }) => (
  <p class="muted" role="status">
    Loading {what}…
  </p>
)
