import { PanelWithToolbar, ReactWidget } from '@jupyterlab/ui-components';
import type * as React from 'react';

/** A section of the sidebar: a titled panel (a toolbar in its title) that shows a React element. */
export class Section extends PanelWithToolbar {
  constructor(options: {
    title: string;
    name: string;
    content: React.ReactElement;
  }) {
    super();
    this.addClass('jp-tfgpu-Section');
    this.addClass(`jp-tfgpu-${options.name}`);
    this.title.label = options.title;
    const body = ReactWidget.create(options.content);
    body.addClass('jp-tfgpu-Section-body');
    this.addWidget(body);
  }
}
