import * as React from 'react';

import type { IHealth } from './health';

/** How fit something is, in words, with a dot in its colour and the reason on hovering. */
export function HealthBadge({
  health
}: {
  health: IHealth;
}): React.ReactElement {
  return (
    <span
      className={`jp-tfgpu-Badge jp-mod-${health.level}`}
      title={health.reason}
    >
      {health.label}
    </span>
  );
}
