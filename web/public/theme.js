// Before the first paint, so that nothing flashes. The rest is in src/lib/theme.ts.
try {
  const theme = localStorage.getItem("kansoku-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // A browser without storage shows the system's theme.
}
