/** A fit's request as it was frozen before anything was fitted: `sha256` is that of the frozen text. */
export interface Registration {
  id: string
  sha256: string
  registeredAt: string
}

/** One thing that was done otherwise than registered; null where one side says nothing. */
export interface Deviation {
  /** JSON pointer into the frozen text; `/run` where the fit is not the registered one but a later one */
  pointer: string
  registered: unknown
  used: unknown
}

/** How a fit's scores name the registration that it follows. */
export interface FollowedRegistration extends Registration {
  /** 1: the registered fit itself; 2: the next fit that was made under the same registration; … */
  run: number
  deviations: Deviation[]
}
