import './base.css';
import './devices.css';
import './environments.css';
import './kernels.css';
import './running.css';
import './chip.css';
import './history.css';
import './status.css';
