import { LabIcon } from '@jupyterlab/ui-components';

const GPU = `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g class="jp-icon3" fill="#616161">
    <path d="M2 4h1.5a1 1 0 0 1 1 1v1H20a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-5v2h-1.5v-2h-1.5v2h-1.500v-2H9v2H7.500v-2h-3v3H3V5.500H2zM4.500 7.500v9H20a.5.5 0 0 0 .5-.5V8a.5.5 0 0 0-.5-.5z"/>
    <path d="M9.500 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6zm0 1.500a1.500 1.500 0 1 1 0 3 1.500 1.500 0 0 1 0-3z"/>
    <path d="M14.500 9.500H18.500v1.300H14.500zM14.500 11.400H18.500v1.300H14.500zM14.500 13.300H18.500v1.300H14.500z"/>
  </g>
</svg>`;

/** A graphics card seen from the side. */
export const gpuIcon = new LabIcon({ name: 'jupyter-tfgpu:gpu', svgstr: GPU });
