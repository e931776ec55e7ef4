import type {
  Device,
  Environment,
  Environments,
  KernelUse,
  Kernels,
  Kernelspec,
  Reading,
  Task
} from '../src/api';

export const GIB = 2 ** 30;

/** A healthy device with 80 GiB, a quarter of it used. */
export function device(changes: Partial<Device> = {}): Device {
  const index = changes.index ?? 0;
  return {
    index,
    uuid: `GPU-0000000${index}-aaaa`,
    name: 'NVIDIA H100',
    compute_capability: '9.0',
    parent: null,
    allotted: true,
    host_memory: false,
    state: 'ok',
    memory: { total: 80 * GIB, used: 20 * GIB, free: 60 * GIB, reserved: null },
    utilization: { gpu: 0.45, memory: 0.2, encoder: null, decoder: null },
    temperature: 54,
    power: { usage: 120400, limit: 350000 },
    clocks: null,
    throttle: null,
    performance_state: null,
    compute_mode: null,
    energy: null,
    fan: null,
    ecc: null,
    pcie: null,
    nvlink: null,
    mig: false,
    holders: [],
    unattributed_memory: null,
    ...changes
  };
}

const TAKEN_AT = '2026-01-01T00:00:00Z';

/** So many seconds before the sample reading. */
export function before(seconds: number): string {
  return new Date(Date.parse(TAKEN_AT) - seconds * 1000).toISOString();
}

export function reading(changes: Partial<Reading> = {}): Reading {
  return {
    schema: 'tfgpu.reading/1',
    taken_at: TAKEN_AT,
    age: 0,
    simulated: false,
    driver: {
      status: 'ok',
      version: '580.1',
      cuda_version: '13.0',
      message: null,
      advice: null
    },
    devices: [device()],
    attribution: null,
    ...changes
  };
}

export function kernel(changes: Partial<KernelUse> = {}): KernelUse {
  return {
    id: 'k1',
    server: null,
    notebook: 'work/train.ipynb',
    kernelspec: 'python3',
    environment: null,
    pin: 'all',
    state: 'idle',
    devices: [],
    last_used: null,
    verdict: null,
    pin_from: 'default',
    given: null,
    note: null,
    restart_needed: false,
    warnings: [],
    ...changes
  };
}

export function kernels(...items: KernelUse[]): Kernels {
  return { schema: 'tfgpu.kernels/1', kernels: items };
}

export function environment(changes: Partial<Environment> = {}): Environment {
  return {
    id: 'abcdef012345',
    name: 'tf2',
    kind: 'venv',
    prefix: '/home/me/envs/tf2',
    python: '3.11.7',
    frameworks: [
      { name: 'tensorflow', version: '2.21.0', build: 'cpu', cuda: null }
    ],
    ipykernel: '7.4.0',
    kernelspecs: [],
    label: 'tf2 · Python 3.11 · TensorFlow 2.21 (CPU build)',
    verdict: 'broken',
    problem: null,
    summary: null,
    activation_problem: null,
    own_kernels: [],
    ...changes
  };
}

export function environments(...items: Environment[]): Environments {
  return {
    schema: 'tfgpu.environments/1',
    environments: items,
    kernelspecs: [],
    suggested: [],
    problems: []
  };
}

/** A kernelspec of ours for the sample environment. */
export function kernelspec(changes: Partial<Kernelspec> = {}): Kernelspec {
  return {
    name: 'tfgpu-tf2',
    display_name: 'tf2 · Python 3.11 · TensorFlow 2.21 (CPU build)',
    owned: true,
    language: 'python',
    environment: 'abcdef012345',
    interpreter: '/home/me/envs/tf2/bin/python',
    kernel: null,
    problem: null,
    repair: null,
    ...changes
  };
}

/** A task that installs ipykernel in the sample environment. */
export function task(changes: Partial<Task> = {}): Task {
  return {
    schema: 'tfgpu.task/1',
    id: 't1',
    kind: 'install-ipykernel',
    title: 'Installing ipykernel in tf2',
    state: 'running',
    progress: null,
    cancellable: true,
    log: [],
    message: null,
    kernelspec: null,
    environment: 'abcdef012345',
    ...changes
  };
}
