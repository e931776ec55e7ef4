import { LabIcon } from '@jupyterlab/ui-components';

const WARNING = `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16">
  <path fill="currentColor" fill-rule="evenodd" d="M7.100 1.900a1 1 0 0 1 1.800 0l5.900 11.100a1 1 0 0 1-.9 1.500H2.100a1 1 0 0 1-.9-1.500zM7.200 6v4.200h1.600V6zm0 5.400V13h1.600v-1.600z"/>
</svg>`;

/** A triangle: something is to be said of the devices as they are now. */
export const warningIcon = new LabIcon({
  name: 'jupyter-tfgpu:warning',
  svgstr: WARNING
});

/** A shield with a sign cut out of it. */
const shield = (
  sign: string
) => `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16">
  <path fill="currentColor" fill-rule="evenodd" d="M8 1l6 2.200v4.300c0 3.600-2.500 6.300-6 7.500-3.500-1.200-6-3.900-6-7.500V3.200z${sign}"/>
</svg>`;

/** What the report says: it can train, with warnings. */
export const degradedIcon = new LabIcon({
  name: 'jupyter-tfgpu:degraded',
  svgstr: shield('M7.200 4v4.700h1.600V4zm0 6v1.600h1.600V10z')
});

/** It cannot use the GPU. */
export const brokenIcon = new LabIcon({
  name: 'jupyter-tfgpu:broken',
  svgstr: shield(
    'M5.900 4.800L4.800 5.900 6.900 8l-2.100 2.100 1.100 1.100L8 9.100l2.100 2.100 1.100-1.100L9.100 8l2.100-2.100-1.100-1.100L8 6.900z'
  )
});

/** It trains on the CPU. */
export const cpuIcon = new LabIcon({
  name: 'jupyter-tfgpu:cpu',
  svgstr: shield('M4.800 7.200v1.600h6.400V7.200z')
});
