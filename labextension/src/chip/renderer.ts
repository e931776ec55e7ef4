import { MenuSvg } from '@jupyterlab/ui-components';
import type { VirtualElement } from '@lumino/virtualdom';
import { h } from '@lumino/virtualdom';
import type { Menu } from '@lumino/widgets';

import { warningIcon } from './icons';
import type { IDeviceLine } from '../devices/lines';
import type { IHead } from './menu';

/** Draws the menu's lines: devices on two rows with a bar, sentences at the head as text. */
export class ChipMenuRenderer extends MenuSvg.Renderer {
  /** By command what is more than a label. */
  readonly heads = new Map<string, IHead>();
  readonly devices = new Map<string, IDeviceLine>();

  override renderItem(data: Menu.IRenderData): VirtualElement {
    const head = this.heads.get(data.item.command);
    return head ? renderHead(head) : super.renderItem(data);
  }

  override renderLabel(data: Menu.IRenderData): VirtualElement {
    const device = this.devices.get(data.item.command);
    return device ? renderDevice(device) : super.renderLabel(data);
  }

  override createItemClass(data: Menu.IRenderData): string {
    const device = this.devices.get(data.item.command);
    return [
      super.createItemClass(data),
      ...(device ? ['jp-mod-device'] : []),
      ...(device?.nested ? ['jp-mod-nested'] : [])
    ].join(' ');
  }
}

function renderHead({ text, level }: IHead): VirtualElement {
  const className = `jp-tfgpu-ChipMenu-head jp-mod-${level}`;
  const words = h.span(text);
  return level === 'warning'
    ? h.li(
        { className, role: 'presentation' },
        h.span({ className: 'jp-tfgpu-ChipMenu-sign' }, warningIcon),
        words
      )
    : h.li({ className, role: 'presentation' }, words);
}

function renderDevice(device: IDeviceLine): VirtualElement {
  return h.div(
    { className: 'lm-Menu-itemLabel' },
    h.div(
      { className: 'jp-tfgpu-ChipMenu-row' },
      h.span({ className: 'jp-tfgpu-ChipMenu-title' }, device.title),
      h.span({ className: 'jp-tfgpu-Number' }, device.note)
    ),
    h.div(
      { className: 'jp-tfgpu-ChipMenu-row' },
      renderBar(device.shares),
      h.span({ className: 'jp-tfgpu-ChipMenu-holders' }, device.holders)
    )
  );
}

/** The words beside it say the same. */
function renderBar(shares: IDeviceLine['shares']): VirtualElement {
  const attrs = { 'aria-hidden': 'true' } as const;
  if (shares === null) {
    return h.div({ className: 'jp-tfgpu-ChipBar jp-mod-unknown', ...attrs });
  }
  return h.div(
    { className: 'jp-tfgpu-ChipBar', ...attrs },
    h.div({ className: 'jp-mod-own', style: { width: percent(shares.own) } }),
    h.div({
      className: 'jp-mod-others',
      style: { width: percent(shares.others) }
    })
  );
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}
