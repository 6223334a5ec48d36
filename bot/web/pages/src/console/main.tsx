// The console of operators and admins: "/admin".

import { render } from 'preact';
import { connect } from './live.js';
import { followOverview } from './overview.js';
import { loadMe } from './session.js';
import { Shell } from './shell.js';

render(<Shell />, document.getElementById('console')!);
connect();
followOverview();
loadMe().catch(() => { /* The session's end is shown; else the sign of the connection tells. */ });
