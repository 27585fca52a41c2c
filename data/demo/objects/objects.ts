import { normalise } from '../render/mesh.ts'
import type { Mesh } from '../render/mesh.ts'
import { animals } from './animals.ts'
import { boats } from './boats.ts'
import { cars } from './cars.ts'
import { chairs } from './chairs.ts'
import { faces } from './faces.ts'
import { fruits } from './fruits.ts'
import { planes } from './planes.ts'
import { tables } from './tables.ts'

/** The view from which a category is best recognised, in degrees; a stimulus varies about it. */
export interface View {
  yaw: number
  pitch: number
}

export interface Category {
  name: string
  view: View
  /** by name, in alphabetical order */
  objects: { name: string; build: () => Mesh }[]
}

const category = (name: string, view: View, builders: Record<string, () => Mesh>): Category => ({
  name,
  view,
  objects: Object.entries(builders).map(([object, build]) => ({ name: object, build: () => normalise(build()) })),
})

/** Majaj and Hong's eight categories with eight objects each, all of own design, as meshes of radius 1. */
export const categories: readonly Category[] = [
  category('animals', { yaw: -30, pitch: 12 }, animals),
  category('boats', { yaw: -30, pitch: 16 }, boats),
  category('cars', { yaw: -35, pitch: 18 }, cars),
  category('chairs', { yaw: -30, pitch: 18 }, chairs),
  category('faces', { yaw: 0, pitch: 2 }, faces),
  category('fruits', { yaw: 0, pitch: 10 }, fruits),
  category('planes', { yaw: -35, pitch: 35 }, planes),
  category('tables', { yaw: -30, pitch: 20 }, tables),
]
