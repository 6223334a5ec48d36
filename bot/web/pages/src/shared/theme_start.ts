// Loaded before anything is painted, so that a chosen look does not flash in the other colours first.

import { applyTheme, chosenTheme } from './theme.js';

applyTheme(chosenTheme());
