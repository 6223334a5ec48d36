// Light or dark: by the system unless the reader chose. Both pages keep the choice under one name.

export type Theme = 'system' | 'light' | 'dark';

const kKey = 'frontdesk.theme';

export function chosenTheme(): Theme {
  try {
    const stored = localStorage.getItem(kKey);
    return stored === 'light' || stored === 'dark' ? stored : 'system';
  } catch {  // storage is forbidden
    return 'system';
  }
}

export function applyTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

export function chooseTheme(theme: Theme): void {
  applyTheme(theme);
  try {
    if (theme === 'system') localStorage.removeItem(kKey);
    else localStorage.setItem(kKey, theme);
  } catch { /* It holds until the page is closed. */ }
}
