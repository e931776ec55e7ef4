/**
 * The named types of the server's answers. `schema.ts` is generated from the
 * OpenAPI document (`jlpm types:api`); this file only gives its types short names.
 */
import type { components } from './schema';

type Schemas = components['schemas'];

export type Reading = Schemas['ReadingAnswer'];
export type Attribution = Schemas['Attribution'];
export type Device = Schemas['DeviceAnswer'];
export type Driver = Schemas['DriverState'];
export type Holder = Schemas['Holder'];
export type History = Schemas['History'];
export type Kernels = Schemas['KernelsAnswer'];
export type KernelUse = Schemas['KernelAnswer'];
export type Environments = Schemas['EnvironmentsAnswer'];
export type Environment = Schemas['EnvironmentAnswer'];
export type Framework = Schemas['Framework'];
export type Verdict = Schemas['Report']['verdict'];
export type Report = Schemas['Report'];
export type Finding = Schemas['Finding'];
export type Fix = Schemas['Fix'];
export type FixAnswer = Schemas['FixAnswer'];
export type FixChange = Schemas['FixChange'];
export type PreflightQuestion = Schemas['AskPreflight'];
export type PreflightAnswer = Schemas['PreflightAnswer'];
export type PreflightWords = Schemas['PreflightWords'];
export type Kernelspec = Schemas['KernelspecAnswer'];
export type KernelspecChange = Schemas['KernelspecChange'];
export type OwnKernel = Schemas['OwnKernelAnswer'];
export type Sync = Schemas['SyncAnswer'];
export type KernelSettings = Schemas['KernelSettings'];
export type Task = Schemas['TaskAnswer'];
export type Pins = Schemas['PinsAnswer'];
export type PinSet = Schemas['PinSet'];
export type Failure = Schemas['Failure'];
export type Notice = Schemas['NoticeMessage'];
export type LiveMessage =
  | Schemas['ReadingMessage']
  | Schemas['KernelsMessage']
  | Schemas['EnvironmentsMessage']
  | Schemas['TaskMessage']
  | Schemas['NoticeMessage'];

/** What a kernelspec is to be made for; `kernel`: one of the environment's own kernels. */
export type NewKernelspec = Pick<Schemas['AddKernelspec'], 'environment'> &
  Partial<Schemas['AddKernelspec']>;

/** What a report is about, whose fix is asked for. */
export type FixTarget =
  { kernel_id: string } | { environment: string } | { kernelspec: string };

/** A finding whose fix is asked for; `shown`: the `state` of what the user has seen and wants done. */
export type WantedFix = FixTarget &
  Pick<Schemas['ApplyFix'], 'code' | 'framework'> &
  Partial<Pick<Schemas['ApplyFix'], 'dry_run' | 'shown'>>;

/** What a pin is for: one of a notebook (contents path), a running kernel and a kernelspec. */
export type PinTarget =
  { notebook: string } | { kernel_id: string } | { kernelspec: string };
