export { Command } from './copy';
export * from './format';
export { useSignalValue } from './hooks';
export { gpuIcon } from './icons';
export { Message } from './message';
export { Section } from './section';
