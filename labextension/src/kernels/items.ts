import type { Environment } from '../api';
import type { IHealth } from '../environments';

/** What a session starts or joins: JupyterLab's own values; null is no kernel. */
export type KernelChoice =
  { readonly name: string } | { readonly id: string } | null;

/** What has to be done before an item can be chosen. `install`: ipykernel is missing, which is asked for first. */
export type Need =
  | {
      readonly what: 'add';
      readonly environment: Environment;
      /** One of the environment's own kernels; null: its Python. */
      readonly kernel: string | null;
      readonly install: boolean;
    }
  | {
      readonly what: 'repair';
      readonly kernelspec: string;
      readonly environment: Environment | null;
      readonly install: boolean;
    };

/** One line of the picker. */
export interface IItem {
  /** Unique in a list, and the same over changes of what is known. */
  readonly key: string;
  readonly label: string;
  /** What stands below the label: facts, or where it lies. */
  readonly detail: string;
  /** What the pointer is told. */
  readonly title: string;
  readonly logo: string | null;
  readonly health: IHealth | null;
  /** All that a search looks in. */
  readonly text: string;
  /** Known before where nothing has to be added. */
  readonly choice: KernelChoice | undefined;
  readonly need: Need | null;
  readonly disabled: boolean;
}

export interface IGroup {
  readonly key: string;
  readonly label: string;
  readonly items: readonly IItem[];
}

/** The name of the kernelspec that an item starts, where it starts one. */
export function kernelName(item: IItem | null): string | null {
  const choice = item?.choice;
  return choice && 'name' in choice ? choice.name : null;
}
