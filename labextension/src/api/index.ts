export { Client, ROOT } from './client';
export {
  ApiError,
  NoExtensionError,
  UnreachableError,
  describeError,
  describeNoExtension
} from './errors';
export type * from './types';
